package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.StageBudget;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        JobSpec job =
                new JobSpec(
                        JobKind.TRAIN,
                        "job.yml",
                        text,
                        "/tmp/out",
                        MergeOptions.defaults("/tmp"),
                        new StageBudget(1, 1L << 30, 0));
        JobSpec base = BaselineSpec.of(job).orElseThrow();
        assertThat(base.recipe()).isEqualTo(text.replaceFirst("baseline: true", "baseline: only"));
        assertThat(base.output()).isEqualTo("/tmp/out-baseline");
    }
}
