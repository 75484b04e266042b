package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.train.AblationReader.Matrix;
import io.accrete.coordinator.train.AblationReader.Variant;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.TrainJob;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Optional;

class AblationReaderTest {
    private static final String JOB =
            """
            model: m   # a comment
            data: {train: a.txt, sequence_length: 129}
            clones: {init: identity, gates: {kind: scalar, init: 0.5}}
            optimizer: {learning_rate: 3e-4, clip_norm: null}
            learning_rates: {"model.layers.3.*": 0.5}
            """;

    private static TrainJob job(String changes, Optional<Long> seed) {
        Matrix matrix =
                AblationReader.read(
                        "m.yml", "job: j.yml\nvariants:\n  v: {%s}\n".formatted(changes));
        assertThat(matrix.problems()).isEmpty();
        ParsedJob parsed = JobReader.read("v", matrix.variants().getFirst().text(JOB, seed));
        assertThat(parsed.problems()).isEmpty();
        return parsed.job().orElseThrow();
    }

    @Test
    void withoutChangesItIsTheJobItself() {
        assertThat(job("", Optional.empty()))
                .isEqualTo(JobReader.read("j", JOB).job().orElseThrow());
    }

    @Test
    void changesReachIntoSectionsAndLeaveTheRest() {
        TrainJob own = JobReader.read("j", JOB).job().orElseThrow();
        TrainJob other =
                job(
                        "clones.init: copy, clones.gates: null, optimizer: {learning_rate: 1e-3},"
                                + " trainable: clones",
                        Optional.of(5L));
        assertThat(other.clones().init()).isEqualTo(CloneSettings.Init.COPY);
        assertThat(other.clones().gates()).isEmpty();
        assertThat(other.optimizer().learningRate()).isEqualTo(1e-3);
        assertThat(other.optimizer().clipNorm()).isEmpty();
        assertThat(other.seed()).isEqualTo(5);
        assertThat(other.data()).isEqualTo(own.data());
        assertThat(other.learningRates()).isEqualTo(own.learningRates());
    }

    @Test
    void variantsKeepTheirOrder() {
        Matrix matrix =
                AblationReader.read(
                        "m.yml", "job: j.yml\nseeds: [3, 1]\nvariants: {b: {}, a: {steps: 2}}\n");
        assertThat(matrix.job()).hasValue("j.yml");
        assertThat(matrix.seeds()).containsExactly(3L, 1L);
        assertThat(matrix.variants()).extracting(Variant::name).containsExactly("b", "a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "variants: {a: {}} | TRN-010 | an ablation needs 'job'",
                "job: j | TRN-010 | an ablation needs 'variants'",
                "{job: j, variants: {}} | TRN-010 | 1 to 64 names",
                "{job: j, variants: {../up: {}}} | TRN-010 | no name of a variant",
                "{job: j, variants: {a: 3}} | TRN-010 | variant 'a' is a mapping",
                "{job: j, seeds: [1, 1], variants: {a: {}}} | TRN-010 | different whole numbers",
                "{job: j, seeds: [-1], variants: {a: {}}} | TRN-010 | different whole numbers from"
                        + " 0",
                "{job: j, variants: {report.html: {}}} | TRN-010 | writes a file of that name",
                "{job: j, variants: {Ablation.JSON: {}}} | TRN-010 | writes a file of that name",
                "{job: j, variants: {1: {}, '1': {steps: 2}}} | TRN-010 | '1' stands in line 1",
                "{job: j, seeds: [1, 2], variants: {a: {seed: 3}}} | TRN-014 | 'a' has a `seed`",
                "{job: j, variants: {a: {data.train: b}}} | TRN-014 | changes `data.train`",
                "{job: j, variants: {a: {data: {validation: b}}}} | TRN-014 | `data.validation`",
                "{job: j, variant: {a: {}}, variants: {a: {}}} | TRN-009 | 'variant' means nothing",
                "[] | TRN-010 | an ablation is a mapping",
            })
    void whatIsWrongIsSaid(String text, String code, String words) {
        List<Problem> problems = AblationReader.read("m.yml", text).problems();
        assertThat(problems).as(problems.toString()).hasSize(1);
        assertThat(problems.getFirst().code()).isEqualTo(code);
        assertThat(problems.getFirst().message()).contains(words);
        assertThat(problems.getFirst().line()).isEqualTo(1);
    }

    /** The reader of YAML keeps the last of two: here the first would never be trained. */
    @Test
    void twoVariantsOfOneNameAreRefusedWithBothLines() {
        assertThat(
                        AblationReader.read(
                                        "m.yml", "job: j\nvariants:\n  a: {}\n  a: {steps: 2}\n")
                                .problems())
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.isError()).isTrue();
                            assertThat(one.message()).contains("'a'", "line 3", "line 4");
                        });
    }

    @Test
    void whatDoesNotChangeTheTextMayBeOther() {
        assertThat(
                        AblationReader.read(
                                        "m.yml",
                                        "{job: j, variants: {a: {seed: 3, data.shuffle: false,"
                                                + " data: {pack: false}}}}")
                                .problems())
                .isEmpty();
    }
}
