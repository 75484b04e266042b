package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where an output may be is asked when a job comes, and again whenever it is gone on with. */
class MovedOutputTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir private Path root;
    @TempDir private Path outside;

    @Test
    void nothingIsWrittenBehindALinkThatCameLater() throws Exception {
        TinyModels.llama().write(root.resolve("model"));
        Path folder = Files.createDirectory(root.resolve("folder"));
        try (Node node = nodeWithoutWorkers();
                RemoteJobs jobs = client(node)) {
            String job = jobs.submit(merge("folder/out"), "key").id();
            until(jobs, job, JobPhase.RUNNING);
            jobs.steer(job, RemoteJobs.Verb.PAUSE);
            Path aside = Files.move(folder, root.resolve("aside"));
            Files.createSymbolicLink(folder, outside);

            jobs.steer(job, RemoteJobs.Verb.RESUME);

            assertThat(until(jobs, job, JobPhase.PAUSED).reason())
                    .contains("leads out of the folders that jobs may use");
            assertThat(outside).isEmptyDirectory();
            Files.delete(folder);
            Files.move(aside, folder);
            jobs.steer(job, RemoteJobs.Verb.RESUME);
            until(jobs, job, JobPhase.RUNNING);
        }
    }

    /** Links on the way are followed, so that two jobs never work in one folder. */
    @Test
    void twoNamesOfAFolderAreOneOutput() throws Exception {
        TinyModels.llama().write(root.resolve("model"));
        Path folder = Files.createDirectory(root.resolve("folder"));
        Files.createSymbolicLink(root.resolve("alias"), folder);
        try (Node node = nodeWithoutWorkers();
                RemoteJobs jobs = client(node)) {
            JobResource job = jobs.submit(merge("folder/out"), "key");

            assertThat(jobs.submit(merge("alias/out"), "other key").id()).isEqualTo(job.id());
            assertThatThrownBy(() -> jobs.submit(merge("alias/out/inner"), "third key"))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("one of the two outputs lies in the other");
        }
    }

    private Node nodeWithoutWorkers() throws Exception {
        return Node.start(LocalSettings.in(root, 0, Optional.empty()), "test");
    }

    private static RemoteJobs client(Node node) {
        return new RemoteJobs(
                ServerAddress.of("http://" + node.http().orElseThrow(), Optional.empty()));
    }

    private static JobDocument merge(String output) throws IOException {
        return ApiJson.readStrictly(ServedNode.merge(output, 2), JobDocument.class);
    }

    private static JobResource until(RemoteJobs jobs, String job, JobPhase phase) {
        return await().atMost(PATIENCE)
                .until(() -> jobs.show(job), shown -> shown.state() == phase);
    }
}
