package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The state with the lowest validation loss is published, through the command that users run. */
class BestTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STEPS = 12;

    @TempDir private Path folder;

    @Test
    void theBestIsWhatATrainingOfSoManyStepsEndsWith() throws IOException {
        Files.writeString(folder.resolve("text.txt"), "The dog ran to the sun.\n".repeat(60));
        Files.writeString(folder.resolve("held.txt"), "A cat sat by the door all day.\n".repeat(9));
        JsonNode best = train("best", STEPS, "best");
        int step = best.path("published_step").asInt();
        assertThat(step).isEqualTo(leastValidated("best")).isLessThan(STEPS);
        assertThat(best.path("steps").asInt()).isEqualTo(STEPS);
        assertThat(Files.readAllLines(folder.resolve("best/metrics.jsonl"))).hasSize(STEPS + 7);

        JsonNode last = train("last", step, "last");
        assertThat(last.path("published_step").asInt()).isEqualTo(step);
        assertThat(Weights.read(folder.resolve("best")).digests())
                .isEqualTo(Weights.read(folder.resolve("last")).digests());
        CommandLineRun verified = CommandLineRun.in(folder, "verify", "best", "--rerun");
        assertThat(verified.exitCode()).as(verified::transcript).isZero();
        JsonNode again = train("best", STEPS, "best");
        assertThat(again.path("published_step").asInt()).as("read back").isEqualTo(step);
    }

    private int leastValidated(String out) throws IOException {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (String text : Files.readAllLines(folder.resolve(out).resolve("metrics.jsonl"))) {
            JsonNode line = JSON.readTree(text);
            JsonNode loss = line.path("validation").path("loss");
            if (loss.isNumber() && line.path("step").asInt() > 0 && loss.asDouble() < least) {
                least = loss.asDouble();
                best = line.path("step").asInt();
            }
        }
        return best;
    }

    /** A rate at which what is held back is soon unlearnt. */
    private JsonNode train(String out, int steps, String which) throws IOException {
        Files.writeString(
                folder.resolve(out + ".yml"),
                """
                model: %s
                data: {train: [text.txt], validation: [held.txt], sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 1}
                optimizer: {learning_rate: 0.003, schedule: constant, warmup_steps: 0}
                steps: %d
                checkpoint: {every: 100, keep: 1}
                monitor: {validate_every: 2}
                output: {which: %s}
                """
                        .formatted(Material.data().resolve("models/stories260k-hf"), steps, which));
        CommandLineRun run = CommandLineRun.in(folder, "train", "--json", out + ".yml", out);
        assertThat(run.exitCode()).as(run::transcript).isZero();
        return run.result();
    }
}
