package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.SmallModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A training whose best step is not its last: what is said is said of the one that is published.
 */
class BestStepTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path scratch;

    @Test
    void itsLossIsSaidAndNotThatOfTheLast() throws IOException {
        SmallModel.copyTo(scratch.resolve("base"));
        StoryTexts.write(scratch);
        // No warm-up, and a rate that ruins the model: every step is worse than the one before.
        Files.writeString(
                scratch.resolve("job.yml"),
                """
                model: base
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 1}
                optimizer: {learning_rate: 0.1, schedule: constant, warmup_steps: 0,
                            clip_norm: null}
                steps: 3
                monitor: {validate_every: 1}
                output: {which: best}
                """);
        CommandLineRun run = CommandLineRun.in(scratch, List.of("train", "job.yml", "out"));
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        JsonNode metrics =
                JSON.readTree(scratch.resolve("out/certificate.json").toFile()).path("metrics");
        int published = metrics.path("published_step").asInt();
        assertThat(published).isLessThan(3);
        double best = metrics.path("validation_after").asDouble();
        double last = Double.NaN;
        for (String line : Files.readAllLines(scratch.resolve("out/metrics.jsonl"))) {
            last = JSON.readTree(line).path("validation").path("loss").asDouble(last);
        }
        assertThat(last).isGreaterThan(best);
        assertThat(run.out())
                .contains(
                        String.format(Locale.ROOT, ", %.4f (perplexity", best),
                        "after step %d".formatted(published))
                .doesNotContain(String.format(Locale.ROOT, ", %.4f (perplexity", last));
        assertThat(Files.readString(scratch.resolve("out/report.html")))
                .contains(
                        "published, after step " + published,
                        "not published, after the last step, 3");
        CommandLineRun again =
                CommandLineRun.in(scratch, List.of("train", "job.yml", "out", "--json"));
        assertThat(again.result().path("validation").path("after").asDouble()).isEqualTo(best);
    }
}
