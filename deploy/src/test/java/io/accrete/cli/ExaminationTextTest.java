package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.SmallModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

class ExaminationTextTest {
    @TempDir private Path scratch;

    /** Its states are zero, before and after. */
    @Test
    void aModelOfZerosHasNotDrifted() throws IOException {
        SmallModel.copyTo(scratch.resolve("zeros"));
        clear(scratch.resolve("zeros/model.safetensors"));
        StoryTexts.write(scratch);
        Files.writeString(
                scratch.resolve("job.yml"),
                """
                model: zeros
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2}
                optimizer: {learning_rate: 0.001}
                steps: 1
                """);

        CommandLineRun run = CommandLineRun.in(scratch, "train", "job.yml", "out");

        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(run.transcript())
                .contains("states drifted by 0.000 (0.000 before)")
                .doesNotContain("NaN");
        JsonNode look =
                new ObjectMapper().readTree(scratch.resolve("out/examination.json").toFile());
        assertThat(look.findValues("cosine_mean"))
                .hasSizeGreaterThan(2)
                .allSatisfy(cosine -> assertThat(cosine.doubleValue()).isEqualTo(1));
        for (String file : new String[] {"examination.json", "report.html", "metrics.jsonl"}) {
            assertThat(Files.readString(scratch.resolve("out").resolve(file)))
                    .as(file)
                    .doesNotContain("NaN");
        }
    }

    @Test
    void whatHasNoMeaningIsNoNumber() throws IOException {
        Files.writeString(
                scratch.resolve("examination.json"),
                """
                {"tokens": 64, "base_loss": 2, "loss": 1,
                 "final_norm": {"relative_mean": null}, "pace": {"millis_per_token": 1},
                 "grown": {"loss": 2, "final_norm": {"relative_mean": 0}}}
                """);
        assertThat(ExaminationText.lines(scratch))
                .singleElement()
                .asString()
                .endsWith("states drifted by - (0.000 before)");
    }

    private static void clear(Path weights) throws IOException {
        byte[] bytes = Files.readAllBytes(weights);
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        Arrays.fill(bytes, Math.toIntExact(Long.BYTES + header), bytes.length, (byte) 0);
        Files.write(weights, bytes);
    }
}
