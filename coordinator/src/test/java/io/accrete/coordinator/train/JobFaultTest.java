package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.yaml.Fault;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.protocol.train.TrainJob;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

class JobFaultTest {
    private static final Path MANUAL = Path.of("..", "docs", "job-files.md");

    static Stream<Fault> faults() {
        return Stream.of(YamlFault.values(), JobFault.values(), PlanFault.values())
                .flatMap(Stream::of);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyCodeIsInTheManual(Fault fault) throws IOException {
        assertThat(Files.readString(MANUAL)).contains("| TRN-%03d |".formatted(fault.number()));
    }

    @Test
    void theManualHasTheDefaults() throws IOException {
        String manual = Files.readString(MANUAL);
        int start = manual.indexOf("```yaml") + "```yaml".length();
        ParsedJob written =
                JobReader.read("m", manual.substring(start, manual.indexOf("```", start)));
        assertThat(written.problems()).isEmpty();
        TrainJob job = written.job().orElseThrow();
        TrainJob least = TrainJobs.of("");
        assertThat(job)
                .isEqualTo(
                        new TrainJob(
                                job.start(),
                                job.sites(),
                                least.clones(),
                                least.trainable(),
                                job.learningRates(),
                                job.lora(),
                                job.distill(),
                                job.data(),
                                least.batch(),
                                least.optimizer(),
                                least.steps(),
                                least.grow(),
                                least.pipeline(),
                                least.checkpoint(),
                                least.monitor(),
                                least.output(),
                                least.seed()));
    }
}
