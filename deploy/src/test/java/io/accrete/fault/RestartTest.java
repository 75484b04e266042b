package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.node.FreePort;
import io.accrete.protocol.http.ClusterResource;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;

import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A node that stood still for so long that the cluster gave it up. */
@Tag("process")
class RestartTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir private Path folder;
    private final String http = "127.0.0.1:" + FreePort.next();
    private final String seed = "127.0.0.1:" + FreePort.next();
    private final String cluster = "127.0.0.1:" + FreePort.next();
    private final List<AccreteProcess> started = new ArrayList<>();

    @AfterEach
    void stop() throws IOException, InterruptedException {
        for (AccreteProcess process : started.reversed()) {
            process.signal("TERM");
            process.endsWithin(PATIENCE);
        }
    }

    private void awaitStatus(Optional<String> wanted) {
        try (RemoteJobs jobs = new RemoteJobs(ServerAddress.of(http, Optional.empty()))) {
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(
                            () ->
                                    jobs.cluster().members().stream()
                                            .filter(m -> m.address().equals(cluster))
                                            .map(ClusterResource.Member::status)
                                            .findFirst(),
                            wanted::equals);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    started.stream()
                            .map(AccreteProcess::transcript)
                            .collect(Collectors.joining("\n---\n")),
                    e);
        }
    }

    private static ProcessHandle child(AccreteProcess supervised) {
        return ProcessHandle.of(supervised.pid())
                .orElseThrow()
                .children()
                .findFirst()
                .orElseThrow();
    }

    private static void signal(ProcessHandle process, String name)
            throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, process.pid() + "").start().waitFor();
    }

    @Test
    void isStartedAgainAndJoins() throws Exception {
        started.add(
                AccreteProcess.start(
                        folder,
                        folder,
                        List.of("serve", "--http", http, "--cluster", seed, "--workers", "0")));
        awaitAnswer();
        AccreteProcess worker =
                AccreteProcess.startSupervised(
                        folder,
                        folder,
                        List.of("worker", "--cluster", cluster, "--seed", seed, "--workers", "1"));
        started.add(worker);
        awaitStatus(Optional.of("up"));
        ProcessHandle first = child(worker);

        signal(first, "STOP");
        awaitStatus(Optional.empty());
        signal(first, "CONT");
        long begun = System.nanoTime();
        awaitStatus(Optional.of("up"));
        System.out.printf(
                "a node that was given up is a member again after %d ms%n",
                Duration.ofNanos(System.nanoTime() - begun).toMillis());

        assertThat(child(worker).pid()).isNotEqualTo(first.pid());
        assertThat(worker.err())
                .contains("has lost sight of the nodes that serve")
                .contains("starting the node again in 1 s");
        worker.signal("TERM");
        assertThat(worker.exitCode()).isEqualTo(143);
        awaitStatus(Optional.empty());
    }

    @Test
    void endsWithItsSupervisor() throws Exception {
        AccreteProcess server =
                AccreteProcess.startSupervised(
                        folder,
                        folder,
                        List.of("serve", "--http", http, "--cluster", seed, "--workers", "0"));
        awaitAnswer();
        ProcessHandle node = child(server);
        server.kill();

        assertThat(node.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS).isAlive()).isFalse();
    }

    private void awaitAnswer() {
        try (RemoteJobs jobs = new RemoteJobs(ServerAddress.of(http, Optional.empty()))) {
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(() -> jobs.cluster().coordinator().isPresent());
        }
    }
}
