package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.node.ApiDocument.Answer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

/** A node whose coordinator is moving; {@link OpenApiTest} asks it for all that there is. */
class CoordinatorAwayTest {
    @TempDir static Path root;
    private static AwayServer server;

    @BeforeAll
    static void start() throws Exception {
        server = AwayServer.start(root);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void aTrialIsNotMadeWhereThereAreTooMany() throws Exception {
        assertThat(server.send("post", "/api/v1/jobs?dryRun=true").status()).isEqualTo(503);
    }

    @Test
    void theNodeItselfStillTellsWhatItKnows() throws Exception {
        assertThat(server.send("get", "/health/live").status()).isEqualTo(200);
        assertThat(server.send("get", "/api/v1/cluster").status()).isEqualTo(200);
        Answer metrics = server.send("get", "/metrics");
        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.body())
                .contains("accrete_coordinator_reachable 0.0")
                .doesNotContain("accrete_jobs");
    }

    /** Anybody may ask whether a node is ready, and is not told more than that. */
    @Test
    void whoeverAsksWhetherItIsReadyIsToldNoReason() throws Exception {
        assertThat(server.send("get", "/health/ready").body())
                .contains("does not answer this node now")
                .doesNotContain("is moving");
    }

    /** This server asks for no tokens. */
    @Test
    void pagesOfOtherSitesAreTurnedAway() throws Exception {
        String own = "127.0.0.1:%d".formatted(server.port());
        assertThat(status("post", own, "")).isEqualTo(503);
        assertThat(status("post", own, "Origin: http://%s\r\n".formatted(own))).isEqualTo(503);
        assertThat(status("post", own, "Origin: http://evil.example\r\n")).isEqualTo(403);
        assertThat(status("post", own, "Origin: null\r\n")).isEqualTo(403);
        assertThat(status("post", own, "Origin: nonsense\r\n")).isEqualTo(403);
        assertThat(status("delete", own, "Origin: http://evil.example\r\n")).isEqualTo(403);
        assertThat(status("get", own, "Origin: http://evil.example\r\n")).isEqualTo(503);
        assertThat(status("get", "evil.example:80", "")).isEqualTo(403);
        assertThat(status("post", "evil.example", "Origin: http://evil.example\r\n"))
                .isEqualTo(403);
    }

    /** Of a job, to which any method may be sent. */
    private static int status(String verb, String host, String headers) throws Exception {
        String path = verb.equals("post") ? "/api/v1/jobs/none/pause" : "/api/v1/jobs/none";
        Answer answer = server.send(verb, path, host, headers);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        return answer.status();
    }
}
