package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.job.WorkerView;
import io.accrete.remote.RemoteJobs;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The node of the coordinator is killed while the stages of a training live on other nodes. */
@Tag("process")
class CoordinatorKillTest {
    private static final int STEPS = 27;
    private static final String TAKEN = "takes over after step ";

    @TempDir private Path folder;

    @Test
    void theNextCoordinatorGoesOnInTheSameStep() throws Exception {
        Path root = folder.toRealPath();
        TrainUnderTest training = TrainUnderTest.spreadIn(root, STEPS);
        AccreteProcess undisturbed = training.start("undisturbed");
        assertThat(undisturbed.exitCode()).as(undisturbed::transcript).isZero();
        Map<String, String> weights = training.weights("undisturbed");
        List<String> metrics = training.metrics("undisturbed");
        try (ClusterUnderTest cluster = ClusterUnderTest.startServing(root)) {
            int killed = cluster.coordinator();
            int other = ClusterUnderTest.other(killed);
            String job = submitElsewhere(cluster, killed, training.job());
            int seen = step(cluster.await(other, job, now -> step(now) > 10));
            cluster.node(killed).kill();

            JobResource taken = cluster.await(other, job, now -> taken(now).isPresent());
            int step = taken(taken).orElseThrow();
            assertThat(step).isGreaterThanOrEqualTo(seen);
            cluster.await(other, job, now -> step(now) > step + 7);
            assertThat(rounds(training)).isNotEmpty().containsOnly("0");

            JobResource ended = cluster.await(other, job, now -> now.state().isTerminal());
            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(ended.training().orElseThrow().recoveries()).isEqualTo(1);
            assertThat(training.weights("out")).isEqualTo(weights);
            assertThat(training.metrics("out")).isEqualTo(metrics);
        }
    }

    /** No stage comes to that node: its worker takes no tasks. */
    private static String submitElsewhere(ClusterUnderTest cluster, int node, String job)
            throws Exception {
        try (RemoteJobs jobs = cluster.client(node)) {
            for (WorkerView worker : jobs.workers()) {
                if (worker.pid() == cluster.node(node).pid()) {
                    jobs.drain(worker.worker());
                }
            }
            JobDocument document =
                    new JobDocument(JobKind.TRAIN, null, "job.yml", job, "out", null);
            return jobs.submit(document, "key").id();
        }
    }

    private static int step(JobResource job) {
        return job.training().map(TrainProgress::step).orElse(0);
    }

    /** The step after which another coordinator has gone on with the stages as they were. */
    private static Optional<Integer> taken(JobResource job) {
        return job.training().stream()
                .flatMap(training -> training.notes().stream())
                .filter(note -> note.startsWith(TAKEN))
                .map(note -> Integer.valueOf(note.substring(TAKEN.length(), note.indexOf(':'))))
                .findFirst();
    }

    /** In which the checkpoints were made: another one begins wherever steps are done again. */
    private static List<String> rounds(TrainUnderTest training) throws IOException {
        try (Stream<Path> folders = Files.list(training.staging("out").resolve("checkpoints"))) {
            return folders.map(Path::toString)
                    .map(name -> name.substring(name.lastIndexOf('.') + 1))
                    .toList();
        }
    }
}
