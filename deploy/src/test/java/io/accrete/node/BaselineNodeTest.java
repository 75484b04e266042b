package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.remote.RemoteJobs.Verb;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A result that is to be judged by its base, and the job that trains that base at the same time.
 */
class BaselineNodeTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @RegisterExtension private final TrainingNode server = new TrainingNode(2);

    @BeforeEach
    void writeText() throws IOException {
        Files.writeString(server.root().resolve("held.txt"), "The cat ran to the sun.\n".repeat(5));
    }

    private String submit(String out, int steps, String baseline) throws Exception {
        String job =
                """
                model: base
                sites: [0, 1, 2, 3, 3, 4]
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                steps: %d
                monitor: {validate_every: 100}
                checkpoint: {every: 10}
                pipeline: {stages: 1}
                baseline: %s
                """
                        .formatted(steps, baseline);
        return server.jobs()
                .submit(
                        new JobDocument(JobKind.TRAIN, null, "job.yml", job, out, null),
                        "key-" + out)
                .id();
    }

    /** The base of {@link #grown}, before that asks for it; it waits for a person. */
    private String paused(int steps) throws Exception {
        String base = submit("grown-baseline", steps, "only");
        await().atMost(PATIENCE).until(() -> step(base) > 0);
        server.jobs().steer(base, Verb.PAUSE);
        return base;
    }

    private String grown(int steps) throws Exception {
        return submit("grown", steps, "true");
    }

    /** Its base comes once the steps are done, as many of them, and belongs to the same user. */
    @Test
    void theBaseOfAGrowthThatMayEndEarlyComesAfterIt() throws Exception {
        JobResource grown = ended(growth());
        assertThat(grown.state()).as(grown.reason()).isEqualTo(JobPhase.SUCCEEDED);
        List<JobResource> all = server.jobs().list(Optional.empty(), 9, Optional.empty()).jobs();
        assertThat(all).hasSize(2);
        JobResource bar = all.getFirst();
        assertThat(bar.output()).endsWith("grown-baseline");
        assertThat(bar.training().orElseThrow().step())
                .isEqualTo(grown.training().orElseThrow().step())
                .isEqualTo(4);
        assertThat(bar().isNumber()).isTrue();
    }

    /** One that a plateau ends after four steps. */
    private String growth() throws Exception {
        String job =
                """
                model: base
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                grow:
                  rounds: [{after_site: 3, steps: 50}]
                  plateau: {patience: 1, minimum_steps: 4, delta: 0.9}
                monitor: {validate_every: 2}
                baseline: true
                """;
        return server.jobs()
                .submit(
                        new JobDocument(JobKind.TRAIN, null, "job.yml", job, "grown", null),
                        "key-grown")
                .id();
    }

    /** As of a growth that was cut anew after its base began: one with other words is at work. */
    @Test
    void aBaseThatAnotherTextBeganIsWaitedForToo() throws Exception {
        String base = submit("grown-baseline", 400, "only");
        await().atMost(PATIENCE).until(() -> step(base) > 0);
        JobResource grown = ended(growth());
        assertThat(grown.state()).as(grown.reason()).isEqualTo(JobPhase.SUCCEEDED);
        JobResource bar = server.jobs().show(base);
        assertThat(bar.state()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(grown.updated()).isAfterOrEqualTo(bar.updated());
    }

    private int step(String job) throws Exception {
        return server.jobs().show(job).training().map(TrainProgress::step).orElse(0);
    }

    private JobResource ended(String job) {
        return await().atMost(PATIENCE)
                .until(() -> server.jobs().show(job), shown -> shown.state().isTerminal());
    }

    private JsonNode bar() throws IOException {
        return new ObjectMapper()
                .readTree(server.root().resolve("grown/certificate.json").toFile())
                .path("metrics")
                .path("baseline_after");
    }

    @Test
    void theResultWaitsForItsBase() throws Exception {
        String base = paused(400);
        String job = grown(400);
        await().atMost(PATIENCE).until(() -> step(job) > 200);
        server.jobs().steer(base, Verb.RESUME);
        JobResource grown = ended(job);
        assertThat(grown.state()).as(grown.reason()).isEqualTo(JobPhase.SUCCEEDED);
        JobResource bar = server.jobs().show(base);
        assertThat(bar.state()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(bar().isNumber()).isTrue();
        assertThat(grown.updated()).isAfterOrEqualTo(bar.updated());
    }

    @Test
    void itDoesNotWaitForAPerson() throws Exception {
        String base = paused(100);
        JobResource grown = ended(grown(100));
        assertThat(grown.state()).as(grown.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(server.jobs().show(base).state()).isEqualTo(JobPhase.PAUSED);
        assertThat(bar().isNull()).isTrue();
    }
}
