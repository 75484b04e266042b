package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.TrainingNode;
import io.accrete.oracle.SmallModel;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Variants as jobs of a server: the same figures as here. */
class AblateServerTest {
    @RegisterExtension private final TrainingNode server = new TrainingNode(1);
    @TempDir private Path elsewhere;

    @BeforeEach
    void writeTexts() throws IOException {
        SmallModel.copyTo(elsewhere.resolve("base"));
        StoryTexts.write(elsewhere);
        StoryTexts.write(server.root());
        Files.writeString(
                elsewhere.resolve("job.yml"),
                """
                model: base
                sites: [0, 1, 2, 1, 2, 3, 4]
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 1e-3, warmup_steps: 1}
                steps: 3
                """);
    }

    private CommandLineRun ablate(String variants, String out, String... more) throws IOException {
        Files.writeString(elsewhere.resolve("matrix.yml"), "job: job.yml\n" + variants);
        return CommandLineRun.in(elsewhere, List.of("ablate", "matrix.yml", out, "--json"), more);
    }

    private String server() {
        return "--server=" + server.url();
    }

    @Test
    void theyAreWhatTheyAreHereAndAreTrainedOnce() throws IOException {
        String variants =
                """
                seeds: [1, 2]
                variants:
                  silent: {clones.init: identity}
                  bar: {baseline: only}
                """;
        CommandLineRun remote = ablate(variants, "out", server());
        assertThat(remote.exitCode()).as(remote.transcript()).isZero();
        assertThat(server.root().resolve("out/silent-seed-2/certificate.json")).exists();
        assertThat(elsewhere.resolve("out/silent-seed-2")).doesNotExist();
        assertThat(Files.readString(elsewhere.resolve("out/report.html")))
                .contains("silent", "bar", "<path class=\"curve c1\"");
        CommandLineRun here = ablate(variants, "here");
        assertThat(here.exitCode()).as(here.transcript()).isZero();
        assertThat(figures(remote)).hasSize(2).isEqualTo(figures(here));
        CommandLineRun again = ablate(variants, "out", server());
        assertThat(again.exitCode()).as(again.transcript()).isZero();
        assertThat(figures(again)).isEqualTo(figures(remote));
    }

    private static List<JsonNode> figures(CommandLineRun run) {
        List<JsonNode> variants = new ArrayList<>();
        run.result().path("variants").forEach(variants::add);
        return variants;
    }

    @Test
    void aVariantThatTheServerRefusesIsSaidBeforeAnythingIsTrained() throws Exception {
        Files.delete(server.root().resolve("held.txt"));
        CommandLineRun run = ablate("variants: {as-is: {}}\n", "out", server());
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.PLAN_REFUSED.code());
        assertThat(server.jobs().list(Optional.empty(), 10, Optional.empty()).jobs()).isEmpty();
        assertThat(run.err() + run.out()).contains("variant as-is", "TRN-112");
        assertThat(elsewhere.resolve("out/report.html")).doesNotExist();
    }
}
