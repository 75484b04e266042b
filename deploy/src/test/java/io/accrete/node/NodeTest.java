package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobPage;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.http.ProblemDetail;
import io.accrete.protocol.job.JobPhase;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** A whole node in this process, as a client of its HTTP interface sees it. */
class NodeTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Map<String, String> TOKENS =
            Map.of("read", "look-1", "submit", "do-22", "admin", "all-333");

    @TempDir static Path root;
    private static Node node;

    @BeforeAll
    static void start() throws Exception {
        TinyModels.llama().write(root.resolve("model"));
        node = Node.start(settings(tokens()), "test");
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
    }

    private static NodeSettings settings(Path tokens) throws IOException {
        return new NodeSettings(
                Optional.of(new Endpoint("127.0.0.1", 0)),
                new Endpoint("127.0.0.1", 0),
                List.of(),
                Optional.empty(),
                root.resolve("state"),
                List.of(Files.createDirectories(root)),
                1,
                Optional.of(tokens),
                false);
    }

    private static Path tokens() throws Exception {
        List<String> lines = new ArrayList<>(List.of("# who may do what", ""));
        for (Map.Entry<String, String> token : TOKENS.entrySet()) {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(token.getValue().getBytes(UTF_8));
            lines.add(
                    "%s  %s's  %s"
                            .formatted(
                                    token.getKey(),
                                    token.getKey(),
                                    HexFormat.of().formatHex(digest)));
        }
        return Files.write(root.resolve("tokens"), lines);
    }

    @Test
    void aJobIsSubmittedWatchedAndPublished() throws Exception {
        HttpResponse<String> created = post("/jobs", "submit", document("out-1"), "key-1");
        assertThat(created.statusCode()).isEqualTo(201);
        JobResource job = ApiJson.read(created.body(), JobResource.class);
        assertThat(created.headers().firstValue("Location")).hasValue("/api/v1/jobs/" + job.id());

        List<JobNews> news = events(job.id(), 0);
        assertThat(news.getLast().state()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(news.stream().map(JobNews::number).toList())
                .isEqualTo(Stream.iterate(1L, n -> n + 1).limit(news.size()).toList());
        assertThat(root.resolve("out-1/config.json")).exists();
        await().untilAsserted(() -> assertThat(root.resolve(".out-1.accrete")).doesNotExist());

        assertThat(events(job.id(), 3)).isEqualTo(news.subList(3, news.size()));
        assertThat(ApiJson.read(get("/jobs/" + job.id() + "/logs", "read").body(), JobNews[].class))
                .containsExactlyElementsOf(news);
        assertThat(ApiJson.read(get("/jobs?state=succeeded", "read").body(), JobPage.class).jobs())
                .extracting(JobResource::id)
                .contains(job.id());
    }

    @Test
    void theSameKeyGivesTheSameJob() throws Exception {
        String first = id(post("/jobs", "submit", document("out-2"), "key-2"));

        assertThat(id(post("/jobs", "submit", document("out-2"), "key-2"))).isEqualTo(first);
    }

    @Test
    void tokensAreAskedForAndTheirRolesHold() throws Exception {
        assertThat(get("/jobs", "nobody").statusCode()).isEqualTo(401);
        assertThat(get("/jobs", "read").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = post("/jobs", "read", document("out-3"), "key-3");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(ApiJson.read(refused.body(), ProblemDetail.class).detail())
                .isEqualTo("the token 'read's' has the role READ; this needs SUBMIT");
    }

    @Test
    void outputsOutsideTheRootsAreRefused() throws Exception {
        Files.createSymbolicLink(root.resolve("way-out"), Path.of("/tmp"));
        for (String output : List.of("../escaped", "/etc/out", "way-out/x", "a/../../b")) {
            assertThat(post("/jobs", "submit", document(output), output).statusCode())
                    .as(output)
                    .isEqualTo(403);
        }
    }

    @Test
    void whatIsNoJobIsRefusedWithASentence() throws Exception {
        Map<String, String> bodies =
                Map.of(
                        "{",
                        "the body is no job",
                        "",
                        "the body is",
                        "[]",
                        "the body is no job",
                        "{\"kind\": \"merge\"}",
                        "`recipe` is missing",
                        "{\"kind\": \"merge\", \"recipe\": \"a\"}",
                        "`output` is missing",
                        "{\"kind\": \"bake\"}",
                        "the body is no job",
                        "{\"kind\": \"merge\", \"colour\": 1}",
                        "the body is no job",
                        "[".repeat(1000),
                        "the body is no job");
        for (Map.Entry<String, String> body : bodies.entrySet()) {
            HttpResponse<String> answer = post("/jobs", "submit", body.getKey(), "x");
            assertThat(answer.statusCode()).as(body.getKey()).isEqualTo(400);
            assertThat(ApiJson.read(answer.body(), ProblemDetail.class).detail())
                    .as(body.getKey())
                    .startsWith(body.getValue());
        }
        String long2 = "x".repeat(2 << 20);
        assertThat(post("/jobs", "submit", long2, "x").statusCode()).isEqualTo(413);
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        assertThat(get("/jobs/none", "read").statusCode()).isEqualTo(404);
        assertThat(get("/jobs/none/events", "read").statusCode()).isEqualTo(404);
        assertThat(get("/jobs/none/logs", "read").statusCode()).isEqualTo(404);
        assertThat(post("/jobs/none/cancel", "submit", "", "x").statusCode()).isEqualTo(404);
        assertThat(get("/nothing", "read").statusCode()).isEqualTo(404);
    }

    @Test
    void aFinishedJobCannotBePaused() throws Exception {
        String job = id(post("/jobs", "submit", document("out-4"), "key-4"));
        events(job, 0);

        HttpResponse<String> answer = post("/jobs/" + job + "/pause", "submit", "", "x");
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body()).contains("cannot be paused");
    }

    @Test
    void aNodeThatStrangersCouldUseIsNotStarted() throws Exception {
        NodeSettings open =
                new NodeSettings(
                        Optional.of(new Endpoint("0.0.0.0", 0)),
                        new Endpoint("127.0.0.1", 0),
                        List.of(),
                        Optional.empty(),
                        root.resolve("state-2"),
                        List.of(root),
                        1,
                        Optional.empty(),
                        false);
        assertThatThrownBy(() -> Node.start(open, "test"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be reached from other machines");
    }

    private static String document(String output) {
        return ApiJson.write(
                Map.of(
                        "kind", "merge",
                        "recipe",
                                """
                                merge_method: passthrough
                                slices:
                                  - sources: [{model: model, layer_range: [0, 2]}]
                                  - sources: [{model: model, layer_range: [1, 2]}]
                                """,
                        "output", output));
    }

    private static String id(HttpResponse<String> answer) throws IOException {
        return ApiJson.read(answer.body(), JobResource.class).id();
    }

    /** Until the stream ends, which it does with the job. */
    private static List<JobNews> events(String job, long after) throws Exception {
        HttpRequest request =
                request("/jobs/" + job + "/events", "read")
                        .header("Last-Event-ID", Long.toString(after))
                        .GET()
                        .build();
        List<JobNews> news = new ArrayList<>();
        for (String line : CLIENT.send(request, BodyHandlers.ofString()).body().split("\n", -1)) {
            if (line.startsWith("data:{")) {
                news.add(ApiJson.read(line.substring("data:".length()), JobNews.class));
            }
        }
        return news;
    }

    private static HttpResponse<String> get(String path, String who) throws Exception {
        return CLIENT.send(request(path, who).GET().build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String who, String body, String key)
            throws Exception {
        HttpRequest request =
                request(path, who)
                        .header("Idempotency-Key", key.isEmpty() ? UUID.randomUUID() + "" : key)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path, String who) {
        return HttpRequest.newBuilder(
                        URI.create("http://%s/api/v1%s".formatted(node.http().orElseThrow(), path)))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + TOKENS.getOrDefault(who, "guess"));
    }
}
