package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.http.javadsl.ServerBinding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.ServerJournal;
import io.accrete.coordinator.job.FigureQuery;
import io.accrete.coordinator.job.Figures;
import io.accrete.coordinator.job.JobPlans;
import io.accrete.coordinator.job.JobQuery;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.job.JobsException;
import io.accrete.coordinator.job.ListReply;
import io.accrete.protocol.http.FigurePage;
import io.accrete.protocol.http.PlanResource;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.WorkerView;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A node whose coordinator is moving: what its document calls 503 is 503, and says when to ask. */
class CoordinatorAwayTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JOB =
            "{\"kind\": \"merge\", \"recipe\": \"x\", \"output\": \"out\"}";

    @TempDir static Path root;
    private static ServerJournal journal;
    private static ActorSystem<Void> system;
    private static ServerBinding server;

    @BeforeAll
    static void start() throws Exception {
        journal = ServerJournal.in(root.resolve("state"));
        Config config =
                ConfigFactory.parseString(
                                """
                                akka.actor.provider = cluster
                                akka.remote.artery.canonical {hostname = 127.0.0.1, port = 0}
                                """)
                        .withFallback(journal.config())
                        .withFallback(ConfigFactory.load());
        system = ActorSystem.create(Behaviors.empty(), "away", config);
        Nobody nobody = new Nobody();
        server =
                ApiServer.bind(
                                system,
                                nobody,
                                nobody,
                                "127.0.0.1",
                                0,
                                Optional.empty(),
                                Tokens.none(),
                                Roots.of(List.of(root)),
                                "test")
                        .toCompletableFuture()
                        .get();
    }

    @AfterAll
    static void stop() throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get();
        journal.close();
    }

    @Test
    void everyOperationThatNeedsItSaysWhenToAskAgain() throws Exception {
        JsonNode document =
                JSON.valueToTree(new Yaml().load(send("get", "/api/v1/openapi.yaml").body()));
        int asked = 0;
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            String base = path.getValue().has("servers") ? "" : "/api/v1";
            for (String verb : List.of("get", "post", "delete")) {
                if (path.getValue().path(verb).path("responses").has("503")) {
                    String url = base + path.getKey().replaceAll("\\{\\w+}", "none");
                    HttpResponse<String> answer = send(verb, url + needed(url));
                    assertThat(answer.statusCode())
                            .as("%s %s: %s", verb, path.getKey(), answer.body())
                            .isEqualTo(503);
                    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                    assertThat(answer.body()).contains("API-503", "is moving");
                    asked++;
                }
            }
        }
        assertThat(asked).isGreaterThanOrEqualTo(15);
    }

    /** Parameters without which a request is not understood. */
    private static String needed(String url) {
        return url.endsWith("rollback") ? "?step=0" : url.endsWith("export") ? "?output=x" : "";
    }

    @Test
    void aTrialIsNotMadeWhereThereAreTooMany() throws Exception {
        assertThat(send("post", "/api/v1/jobs?dryRun=true").statusCode()).isEqualTo(503);
    }

    @Test
    void theNodeItselfStillTellsWhatItKnows() throws Exception {
        assertThat(send("get", "/health/live").statusCode()).isEqualTo(200);
        assertThat(send("get", "/api/v1/cluster").statusCode()).isEqualTo(200);
        HttpResponse<String> metrics = send("get", "/metrics");
        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.body())
                .contains("accrete_coordinator_reachable 0.0")
                .doesNotContain("accrete_jobs");
    }

    /** This server asks for no tokens. */
    @Test
    void pagesOfOtherSitesAreTurnedAway() throws Exception {
        String own = "127.0.0.1:%d".formatted(server.localAddress().getPort());
        assertThat(status("POST", own, "")).isEqualTo(503);
        assertThat(status("POST", own, "Origin: http://%s\r\n".formatted(own))).isEqualTo(503);
        assertThat(status("POST", own, "Origin: http://evil.example\r\n")).isEqualTo(403);
        assertThat(status("POST", own, "Origin: null\r\n")).isEqualTo(403);
        assertThat(status("POST", own, "Origin: nonsense\r\n")).isEqualTo(403);
        assertThat(status("DELETE", own, "Origin: http://evil.example\r\n")).isEqualTo(403);
        assertThat(status("GET", own, "Origin: http://evil.example\r\n")).isEqualTo(503);
        assertThat(status("GET", "evil.example:80", "")).isEqualTo(403);
        assertThat(status("POST", "evil.example", "Origin: http://evil.example\r\n"))
                .isEqualTo(403);
    }

    /** Of a job, to which any method may be sent; a client of Java sends no Host of one's own. */
    private static int status(String verb, String host, String headers) throws Exception {
        String path = verb.equals("POST") ? "/api/v1/jobs/none/pause" : "/api/v1/jobs/none";
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.localAddress().getPort())) {
            socket.getOutputStream()
                    .write(
                            "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%sContent-Length: 0\r\n\r\n"
                                    .formatted(verb, path, host, headers)
                                    .getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 ").contains("application/problem+json");
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    private static HttpResponse<String> send(String verb, String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:%d%s"
                                                .formatted(server.localAddress().getPort(), path)))
                        .method(verb.toUpperCase(Locale.ROOT), BodyPublishers.ofString(JOB))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Answers as a client of a coordinator does that nobody can reach. */
    private static final class Nobody implements Jobs, JobPlans {
        private static <T> CompletionStage<T> away() {
            return CompletableFuture.failedStage(
                    new JobsException(JobsException.Kind.AWAY, "the coordinator is moving", null));
        }

        @Override
        public CompletionStage<JobView> submit(JobSpec spec, String idempotencyKey, String user) {
            return away();
        }

        @Override
        public Optional<JobSpec> beforehand(JobSpec spec) {
            return Optional.empty();
        }

        @Override
        public CompletionStage<Optional<JobView>> view(String job) {
            return away();
        }

        @Override
        public CompletionStage<ListReply> list(JobQuery query) {
            return away();
        }

        @Override
        public CompletionStage<Figures> figures() {
            return away();
        }

        @Override
        public CompletionStage<List<WorkerView>> workers() {
            return away();
        }

        @Override
        public CompletionStage<WorkerView> drain(String worker) {
            return away();
        }

        @Override
        public CompletionStage<JobView> pause(String job) {
            return away();
        }

        @Override
        public CompletionStage<JobView> resume(String job) {
            return away();
        }

        @Override
        public CompletionStage<JobView> cancel(String job) {
            return away();
        }

        @Override
        public CompletionStage<JobView> rollBack(String job, int step) {
            return away();
        }

        @Override
        public CompletionStage<String> delete(String job) {
            return away();
        }

        @Override
        public CompletionStage<Trial> tryOut(JobSpec spec) {
            return away();
        }

        @Override
        public CompletionStage<PlanResource> of(String job) {
            return away();
        }

        @Override
        public CompletionStage<FigurePage> figures(JobView job, FigureQuery query) {
            return away();
        }
    }
}
