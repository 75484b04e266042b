package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.train.Baseline;
import io.accrete.coordinator.train.JobReader;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.StageBudget;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Optional;
import java.util.OptionalInt;

class BaselineSpecTest {
    /** Lines end as YAML says, and columns count characters. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model: m\ndata: {train: [a]}\nbaseline: true\n",
                "# one\r# two\rmodel: m\rdata: {train: [a]}\rbaseline: true\r",
                "model: m\r\ndata: {train: [a]}\r\nbaseline: true",
                "{model: \"\uD83E\uDD99\", data: {train: [a]}, baseline: true}"
            })
    void onlyTheWordIsAnother(String text) {
        JobSpec job = spec(text);
        JobSpec base = BaselineSpec.beforehand(job).orElseThrow();
        assertThat(BaselineSpec.afterwards(job, 3)).isEmpty();
        assertThat(base.recipe()).isEqualTo(text.replaceFirst("baseline: true", "baseline: only"));
        assertThat(base.output()).isEqualTo("/tmp/out-baseline");
    }

    private static JobSpec spec(String text) {
        return new JobSpec(
                JobKind.TRAIN,
                "job.yml",
                text,
                "/tmp/out",
                MergeOptions.defaults("/tmp"),
                new StageBudget(1, 1L << 30, 0));
    }

    /** A plateau may end it: how many steps it takes is known in the end. */
    @ParameterizedTest
    @CsvSource({
        "'validation: [b], ', '', true",
        "'', '', false",
        "'validation: [b], ', ', plateau: null', false"
    })
    void thatOfAGrowthThatMayEndEarlyComesAfterIt(
            String validation, String plateau, boolean afterwards) {
        String text =
                "model: m\ndata: {%strain: [a]}\nbaseline: true\ngrow: {rounds: [{after_site: 1}]%s}\n"
                        .formatted(validation, plateau);
        assertThat(BaselineSpec.beforehand(spec(text)).isPresent()).isNotEqualTo(afterwards);
        Optional<JobSpec> after = BaselineSpec.afterwards(spec(text), 34);
        assertThat(after.isPresent()).isEqualTo(afterwards);
        after.ifPresent(
                base -> {
                    assertThat(base.recipe())
                            .isEqualTo(text.replace("baseline: true", "baseline: {steps: 34}"));
                    assertThat(JobReader.read("job.yml", base.recipe()).baseline())
                            .isEqualTo(new Baseline.Only(OptionalInt.of(34)));
                });
    }
}
