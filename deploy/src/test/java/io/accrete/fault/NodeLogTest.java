package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.node.FreePort;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The log of a node, for programs. */
@Tag("process")
class NodeLogTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir private Path folder;

    @Test
    void linesOfAMergeSayWhatTheyAreAbout() throws Exception {
        MergeUnderTest merge = MergeUnderTest.in(folder.toRealPath());
        String http = "127.0.0.1:" + FreePort.next();
        AccreteProcess node =
                AccreteProcess.start(
                        folder,
                        folder,
                        List.of(
                                "serve",
                                "--http",
                                http,
                                "--cluster",
                                "127.0.0.1:" + FreePort.next(),
                                "--workers",
                                "1",
                                "--log-format",
                                "json"));
        String job;
        try (RemoteJobs jobs = new RemoteJobs(ServerAddress.of(http, Optional.empty()))) {
            JobDocument document =
                    new JobDocument(
                            JobKind.MERGE,
                            Files.readString(merge.folder().resolve("recipe.yml")),
                            "recipe.yml",
                            null,
                            "out",
                            null);
            JobResource submitted =
                    await().atMost(PATIENCE)
                            .ignoreExceptionsInstanceOf(ServerException.class)
                            .until(() -> jobs.submit(document, "key"), j -> true);
            job = submitted.id();
            JobResource ended =
                    await().atMost(PATIENCE)
                            .until(() -> jobs.show(job), now -> now.state().isTerminal());
            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        } finally {
            node.signal("TERM");
            node.endsWithin(PATIENCE);
        }

        List<JsonNode> lines = new ArrayList<>();
        for (String line : node.err().lines().toList()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        assertThat(lines)
                .isNotEmpty()
                .allSatisfy(
                        line ->
                                assertThat(line.fieldNames())
                                        .toIterable()
                                        .contains("time", "level", "logger", "message"));
        List<JsonNode> tasks = lines.stream().filter(line -> line.has("task")).toList();
        assertThat(tasks)
                .isNotEmpty()
                .allSatisfy(
                        line -> {
                            assertThat(line.get("job").asText()).isEqualTo(job);
                            assertThat(line.get("task").asText()).matches("shard \\d+");
                            assertThat(line.get("worker").asText()).endsWith("-1");
                            assertThat(line.get("epoch").asText()).matches("\\d+-\\d+");
                        });
        assertThat(lines.stream().filter(line -> !line.has("task")))
                .as("what the coordinator says about the job")
                .anySatisfy(line -> assertThat(line.path("job").asText()).isEqualTo(job));
    }
}
