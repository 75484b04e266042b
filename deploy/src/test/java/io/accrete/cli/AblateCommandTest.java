package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class AblateCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path scratch;

    @BeforeEach
    void writeJob() throws IOException {
        StoryTexts.write(scratch);
        Files.writeString(
                scratch.resolve("job.yml"),
                """
                model: %s
                sites: [0, 1, 2, 1, 2, 3, 4]
                clones: {init: identity}
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 1e-3, warmup_steps: 1}
                steps: 3
                """
                        .formatted(Material.data().resolve("models/stories260k-hf")));
    }

    private CommandLineRun ablate(String matrix, String... more) throws IOException {
        Files.writeString(scratch.resolve("matrix.yml"), matrix);
        return CommandLineRun.in(scratch, List.of("ablate", "matrix.yml", "out"), more);
    }

    @Test
    void variantsStandSideBySideAndAreTrainedOnce() throws IOException {
        String matrix =
                """
                job: job.yml
                seeds: [1, 2]
                variants:
                  silent: {}
                  copies: {clones.init: copy}
                  bar: {baseline: only}
                """;
        CommandLineRun run = ablate(matrix, "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        JsonNode variants = run.result().path("variants");
        assertThat(variants).hasSize(3);
        double silent = variants.path(0).path("after").asDouble();
        assertThat(variants.path(1).path("after").asDouble()).isNotEqualTo(silent);
        assertThat(variants.path(1).path("before").asDouble())
                .isNotEqualTo(variants.path(0).path("before").asDouble());
        JsonNode runs = variants.path(0).path("runs");
        double one = runs.path(0).path("after").asDouble();
        double two = runs.path(1).path("after").asDouble();
        assertThat(silent).isCloseTo((one + two) / 2, within(1e-12));
        assertThat(variants.path(0).path("sd").asDouble())
                .isCloseTo(Math.abs(one - two) / Math.sqrt(2), within(1e-12));
        JsonNode certificate =
                JSON.readTree(scratch.resolve("out/bar-seed-2/certificate.json").toFile());
        assertThat(certificate.path("sites")).hasSize(5);
        assertThat(certificate.path("seed").asInt()).isEqualTo(2);
        assertThat(Files.readString(scratch.resolve("out/report.html")))
                .contains("silent", "copies", "bar", "<svg");

        CommandLineRun again = ablate(matrix);
        assertThat(again.exitCode()).as(again.transcript()).isZero();
        assertThat(again.out()).containsPattern("silent +\\d\\.\\d{4} +\\d\\.\\d{4}");
        assertThat(again.out()).containsPattern("copies .*[+-]0\\.\\d{4}");
    }

    @Test
    void whatReadsOtherTextCannotBeCompared() throws IOException {
        CommandLineRun run = ablate("job: job.yml\nvariants: {as-is: {}, longer: {steps: 4}}\n");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .contains("variant longer", "reads 528 tokens and the first variant 396");
        assertThat(scratch.resolve("out")).doesNotExist();
    }

    /** Rounds in an order: how many there are depends on the layers of the model. */
    @Test
    void aGrowthReadsWhatAllItsRoundsRead() throws IOException {
        String grown = "grow: {rounds: {order: top-down, until: 9}, plateau: null}";
        CommandLineRun run =
                ablate(
                        "job: job.yml\nvariants: {as-is: {}, grown: {%s, steps: 2}}\n"
                                .formatted(grown));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .contains("variant grown", "reads 528 tokens and the first variant 396");
        CommandLineRun same =
                ablate(
                        "job: job.yml\nvariants: {as-is: {}, grown: {%s, steps: 2}, bar: {baseline: only}}\n"
                                .formatted(grown.replace("until: 9", "until: 8, add: 1"))
                                .replace("as-is: {}", "as-is: {steps: 2}"));
        assertThat(same.exitCode()).isEqualTo(3);
        assertThat(same.err()).doesNotContain("variant grown").contains("variant bar");
    }

    @Test
    void aMistakeInAVariantIsSaidBeforeAnythingIsTrained() throws IOException {
        CommandLineRun run =
                ablate("job: job.yml\nvariants: {as-is: {}, odd: {clones.init: copies}}\n");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("variant odd", "[TRN-012]", "allowed are copy, identity");
        assertThat(scratch.resolve("out")).doesNotExist();
    }

    @Test
    void namesThatTheAblationItselfNeedsAreRefusedBeforeAnythingIsTrained() throws IOException {
        CommandLineRun run = ablate("job: job.yml\nvariants: {as-is: {}, report.html: {}}\n");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("matrix.yml:2", "writes a file of that name");
        CommandLineRun bar =
                ablate("job: job.yml\nvariants: {a: {baseline: true}, a-baseline: {}}\n");
        assertThat(bar.exitCode()).isEqualTo(3);
        assertThat(bar.err())
                .contains("variant a  [TRN-014]", "into 'a-baseline'")
                .doesNotContain("variant a-baseline");
        assertThat(scratch.resolve("out")).doesNotExist();
    }
}
