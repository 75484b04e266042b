package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.TrainingNode;
import io.accrete.oracle.Weights;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Commands that speak to a server about its trainings. */
class TrainServerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension private final TrainingNode server = new TrainingNode(1);

    private CommandLineRun run(String... arguments) {
        return CommandLineRun.in(server.root(), environment(), arguments);
    }

    private Map<String, String> environment() {
        return Map.of("ACCRETE_SERVER", server.url());
    }

    private static CommandLineRun good(CommandLineRun run) {
        assertThat(run.exitCode()).as(run::transcript).isZero();
        return run;
    }

    /** A training whose weights after a step do not depend on how many follow. */
    private String submit(String out, int steps) throws IOException {
        Files.writeString(
                server.root().resolve(out + ".yml"),
                """
                model: base
                data: {train: [text.txt], sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 0.001, schedule: constant}
                steps: %d
                checkpoint: {every: 5, keep: 100}
                pipeline: {stages: 2}
                """
                        .formatted(steps));
        return good(run("submit", "--json", out + ".yml", out)).result().path("id").asText();
    }

    private JsonNode shown(String job) {
        return good(run("show", "--json", job)).result();
    }

    private void until(String job, Predicate<JsonNode> condition) {
        await().atMost(PATIENCE).until(() -> shown(job), condition);
    }

    /** The same weights as those of a training that ended at that step. */
    @Test
    void checkpointsOfTrainingsAreExported() throws IOException {
        String ten = submit("ten", 10);
        good(run("watch", ten));
        Map<String, String> weights = Weights.read(server.root().resolve("ten")).digests();
        String job = submit("endless", 100_000);
        until(job, shown -> shown.path("training").path("checkpoints").size() > 1);
        good(run("pause", job));

        CommandLineRun none = run("export", job, "none", "--step", "7");
        assertThat(none.exitCode()).as(none::transcript).isEqualTo(ExitCode.JOB_FAILED.code());
        assertThat(none.err()).contains("no checkpoint of step 7; it has those of steps 5, 10");
        good(run("export", job, "paused", "--step", "10", "--watch"));
        assertThat(Weights.read(server.root().resolve("paused")).digests()).isEqualTo(weights);
        assertThat(Files.readAllLines(server.root().resolve("paused/metrics.jsonl"))).hasSize(10);
        assertThat(server.root().resolve("paused/report.html")).exists();
        good(run("export", job, "paused", "--step", "10", "--watch"));
        CommandLineRun other = run("export", job, "paused", "--step", "5", "--watch");
        assertThat(other.exitCode()).as(other::transcript).isEqualTo(ExitCode.JOB_FAILED.code());
        assertThat(other.err()).contains("[STO-021]");
        assertThat(Weights.read(server.root().resolve("paused")).digests()).isEqualTo(weights);
        good(run("export", job, "paused", "--step", "5", "--watch", "--overwrite"));
        assertThat(Weights.read(server.root().resolve("paused")).digests()).isNotEqualTo(weights);
        assertThat(shown(job).path("state").asText()).isEqualTo("PAUSED");
        assertThat(run("jobs", "--kind", "export").out().lines()).hasSize(1 + 4);
        assertThat(run("export", job, "../gone").err()).contains("does not lie below");
        assertThat(run("export", job, "endless", "--watch").err()).contains("another request");

        good(run("cancel", job));
        until(job, shown -> shown.path("state").asText().equals("CANCELLED"));
        assertThat(run("export", job, "gone").err()).contains("is CANCELLED");
        assertThat(server.root().resolve("gone")).doesNotExist();
    }

    /** As they stand in its file, while it goes on and when it has ended. */
    @Test
    void figuresOfATrainingAreTold() throws IOException {
        String job = submit("endless", 100_000);
        until(job, shown -> shown.path("training").path("step").asInt() > 3);
        List<String> running = good(run("metrics", "--json", job)).out().lines().toList();
        assertThat(running).hasSizeGreaterThan(3).first().asString().contains("\"step\":1,");
        assertThat(good(run("metrics", job, "--after", "2")).out())
                .startsWith("step 3: loss ")
                .contains("tokens/s");
        good(run("cancel", job));

        String ten = submit("ten", 10);
        CommandLineRun watched =
                good(CommandLineRun.onTerminal(server.root(), environment(), "watch", ten));
        assertThat(watched.out()).contains("SUCCEEDED", "step 10 of 10", "▁", "stages  2");
        assertThat(good(run("metrics", "--json", ten)).out())
                .isEqualTo(Files.readString(server.root().resolve("ten/metrics.jsonl")));
        assertThat(good(run("metrics", "--json", ten, "--after", "7")).out().lines()).hasSize(3);
        assertThat(good(run("metrics", "--json", ten, "--after", "10")).out()).isEmpty();
    }

    @Test
    void theResultOfATrainingIsExported() throws IOException {
        String ten = submit("ten", 10);
        good(run("watch", ten));
        good(run("export", ten, "copy", "--watch"));
        assertThat(Weights.read(server.root().resolve("copy")).digests())
                .isEqualTo(Weights.read(server.root().resolve("ten")).digests());
        assertThat(run("export", ten, "gone", "--step", "5").err()).contains("step 10, its last");
    }
}
