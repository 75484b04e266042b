package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.Artifact;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobPage;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.http.PlanResource;
import io.accrete.protocol.http.ProblemDetail;
import io.accrete.protocol.job.JobPhase;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
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
import java.util.zip.GZIPOutputStream;

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
        return LocalSettings.in(root, 1, Optional.of(tokens));
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
        for (String output :
                List.of("../escaped", "/etc/out", "way-out/x", "a/../../b", ".", root.toString())) {
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
        assertThat(post("/jobs", "submit", "{\"kind\": \"merge\"", "x").body())
                .contains("(begun in line 1, column 1)")
                .doesNotContain("REDACTED");
        assertThat(
                        post("/jobs", "submit", "{\"kind\": \"merge\", \"kind\": \"merge\"}", "x")
                                .body())
                .contains("Duplicate field 'kind'");
        assertThat(send("application/json", "br", "{}".getBytes(UTF_8)).statusCode())
                .isEqualTo(415);
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
    void aParameterThatThereIsNotIsRefused() throws Exception {
        HttpResponse<String> slip = post("/jobs?dryrun=true", "submit", document("out-12"), "");
        assertThat(slip.statusCode()).isEqualTo(400);
        assertThat(slip.body()).contains("did you mean 'dryRun'?");
        assertThat(root.resolve("out-12")).doesNotExist();
        for (String path :
                List.of(
                        "/jobs?cursor=x&sort=up",
                        "/jobs/none?step=0",
                        "/jobs/none/plan?x",
                        "/jobs/none/events?after=3",
                        "/workers?limit=1",
                        "/cluster?x=1",
                        "/openapi.yaml?format=json")) {
            assertThat(get(path, "admin").statusCode()).as(path).isEqualTo(400);
        }
        for (String path : List.of("/jobs/none/pause?step=0", "/jobs/none/rollback?steps=0")) {
            assertThat(post(path, "admin", "", "").statusCode()).as(path).isEqualTo(400);
        }
    }

    @Test
    void aBodyThatAPageOfAnotherSiteCouldSendIsRefused() throws Exception {
        for (String type :
                List.of("text/plain", "application/x-www-form-urlencoded", "text/plain; =(")) {
            HttpResponse<String> refused = send(type, "", document("out-13").getBytes(UTF_8));
            assertThat(refused.statusCode()).as(type).isEqualTo(415);
            assertThat(ApiJson.read(refused.body(), ProblemDetail.class).detail())
                    .contains("-H 'Content-Type: application/json'");
        }
        assertThat(root.resolve("out-13")).doesNotExist();
    }

    @Test
    void aMethodThatAPathHasNotIsAnsweredWithThoseThatItHas() throws Exception {
        HttpResponse<String> answer = delete("/jobs", "admin");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow").orElse("").split(", "))
                .containsExactlyInAnyOrder("GET", "HEAD", "POST");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        HttpRequest.Builder plan = request("/jobs/none/plan", "read");
        assertThat(problem(plan.method("OPTIONS", BodyPublishers.noBody()), 405))
                .isEqualTo("OPTIONS is not for this path; it has GET, HEAD");
        assertThat(problem(request("/jobs/none/no-such-paper", "read").GET(), 404))
                .startsWith("there is nothing here");
    }

    @Test
    void whatIsNoRequestOfHttpIsTheCallersFault() throws Exception {
        HttpRequest.Builder jobs = request("/jobs", "read");
        assertThat(problem(jobs.method("FOO", BodyPublishers.noBody()), 400))
                .isEqualTo("there is no such method in HTTP");
        assertThat(problem(request("/" + "x".repeat(5_000), "read").GET(), 414))
                .isEqualTo("the path is too long");
        assertThat(problem(request("/nothing", "read").GET(), 404))
                .startsWith("there is nothing here");
        assertThat(problem(request("/jobs", "read").header("X-Y", "x".repeat(9_000)).GET(), 431))
                .startsWith("there are too many headers");
        HttpRequest head = jobs.method("HEAD", BodyPublishers.noBody()).build();
        assertThat(CLIENT.send(head, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    private static String problem(HttpRequest.Builder request, int status) throws Exception {
        HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return ApiJson.read(answer.body(), ProblemDetail.class).detail();
    }

    @Test
    void anOutputInAnotherJobsFoldersIsRefused() throws Exception {
        id(post("/jobs", "submit", document("out-14"), "key-14"));
        await().untilAsserted(
                        () -> assertThat(root.resolve("out-14/accrete.json")).isRegularFile());
        for (String output :
                List.of(
                        ".x.accrete/model/y",
                        ".x.accrete",
                        ".accrete-nodes/x",
                        "out-14/below",
                        "out-14/a/b")) {
            HttpResponse<String> refused =
                    post("/jobs?dryRun=true", "submit", document(output), "");
            assertThat(refused.statusCode()).as(output).isEqualTo(422);
            assertThat(refused.body()).contains("STO-024", "which is a job's own");
        }
    }

    @Test
    void anOutputThatCannotBeNamedSoIsRefused() throws Exception {
        for (String output : List.of("a\nb", "a\tb/c", "x".repeat(241))) {
            for (String path : List.of("/jobs?dryRun=true", "/jobs")) {
                HttpResponse<String> refused = post(path, "submit", document(output), "");
                assertThat(refused.statusCode()).as(output).isEqualTo(422);
                assertThat(refused.body()).contains("STO-025", "the name of the output has");
            }
        }
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

    @Test
    void metricsMoveWhenAJobRuns() throws Exception {
        Scrape before = scrape();
        String job = id(post("/jobs", "submit", document("out-5"), "key-5"));
        events(job, 0);

        await().untilAsserted(
                        () -> {
                            Scrape after = scrape();
                            assertThat(after.samples().keySet())
                                    .containsAll(before.samples().keySet());
                            assertThat(
                                            grown(
                                                    before,
                                                    after,
                                                    "accrete_jobs",
                                                    "{state=\"succeeded\"}"))
                                    .isEqualTo(1);
                            assertThat(grown(before, after, "accrete_leases_granted_total", ""))
                                    .isEqualTo(1);
                            assertThat(grown(before, after, "accrete_tasks_settled_total", ""))
                                    .isEqualTo(1);
                            assertThat(
                                            grown(
                                                    before,
                                                    after,
                                                    "accrete_bytes_total",
                                                    "{kind=\"copied\"}"))
                                    .isGreaterThan(10_000);
                            assertThat(
                                            grown(
                                                    before,
                                                    after,
                                                    "accrete_journal_write_seconds_count",
                                                    ""))
                                    .isGreaterThanOrEqualTo(7);
                            assertThat(grown(before, after, "accrete_queue_wait_seconds_count", ""))
                                    .isEqualTo(1);
                            assertThat(after.value("accrete_coordinator_here", "")).isEqualTo(1);
                            assertThat(after.value("accrete_workers", "")).isEqualTo(1);
                        });
    }

    /** Other tests of this class do not run meanwhile. */
    private static double grown(Scrape before, Scrape after, String name, String labels) {
        return after.value(name, labels) - before.value(name, labels);
    }

    @Test
    void metricsOfANodeThatOthersReachTakeAToken() throws Exception {
        NodeSettings open =
                new NodeSettings(
                        Optional.of(new Endpoint("0.0.0.0", 0)),
                        new Endpoint("127.0.0.1", 0),
                        List.of(),
                        Optional.empty(),
                        root.resolve("state-3"),
                        List.of(root),
                        0,
                        Optional.of(root.resolve("tokens")),
                        true);
        try (Node other = Node.start(open, "test")) {
            URI metrics =
                    URI.create(
                            "http://127.0.0.1:%d/metrics"
                                    .formatted(other.http().orElseThrow().port()));
            HttpRequest.Builder request = HttpRequest.newBuilder(metrics);
            assertThat(CLIENT.send(request.build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(401);
            request.header("Authorization", "Bearer " + TOKENS.get("read"));
            assertThat(CLIENT.send(request.build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    /** Without a token: the node listens on this machine only. */
    private static Scrape scrape() throws Exception {
        HttpResponse<String> page =
                CLIENT.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://%s/metrics"
                                                        .formatted(node.http().orElseThrow())))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElse(""))
                .startsWith("text/plain; version=0.0.4");
        return Scrape.of(page.body());
    }

    @Test
    void aJobThatHasEndedIsDeletedAndItsModelStays() throws Exception {
        String job = id(post("/jobs", "submit", document("out-6"), "key-6"));
        events(job, 0);

        assertThat(delete("/jobs/" + job, "submit").statusCode()).isEqualTo(403);
        assertThat(delete("/jobs/" + job, "admin").statusCode()).isEqualTo(204);
        assertThat(get("/jobs/" + job, "read").statusCode()).isEqualTo(404);
        assertThat(delete("/jobs/" + job, "admin").statusCode()).isEqualTo(404);
        assertThat(get("/jobs", "read").body()).doesNotContain(job);
        assertThat(root.resolve("out-6/config.json")).exists();
        assertThat(id(post("/jobs", "submit", document("out-6"), "key-6"))).isNotEqualTo(job);
    }

    @Test
    void jobsAreListedByKindAndStateInPages() throws Exception {
        String job = id(post("/jobs", "submit", document("out-7"), "key-7"));
        events(job, 0);
        String next = id(post("/jobs", "submit", document("out-8"), "key-8"));
        events(next, 0);

        JobPage first = ApiJson.read(get("/jobs?kind=merge&limit=1", "read").body(), JobPage.class);
        assertThat(first.jobs()).extracting(JobResource::id).containsExactly(next);
        JobPage second =
                ApiJson.read(
                        get("/jobs?limit=1&cursor=" + first.cursor().orElseThrow(), "read").body(),
                        JobPage.class);
        assertThat(second.jobs()).extracting(JobResource::id).containsExactly(job);
        assertThat(ApiJson.read(get("/jobs?kind=train", "read").body(), JobPage.class).jobs())
                .isEmpty();
        assertThat(get("/jobs?kind=bake", "read").statusCode()).isEqualTo(400);
        assertThat(get("/jobs?cursor=nobody", "read").statusCode()).isEqualTo(400);
    }

    @Test
    void aJobMayBeYamlAndCompressed() throws Exception {
        String yaml =
                """
                kind: merge
                output: %s
                options: {layout: shared}
                recipe: |
                  merge_method: passthrough
                  slices:
                    - sources: [{model: model, layer_range: [0, 2]}]
                """;
        HttpResponse<String> plain =
                send("application/yaml", "", yaml.formatted("out-9").getBytes(UTF_8));
        assertThat(plain.statusCode()).as(plain.body()).isEqualTo(201);
        assertThat(events(id(plain), 0).getLast().state()).isEqualTo(JobPhase.SUCCEEDED);
        HttpResponse<String> packed =
                send("application/yaml", "gzip", gzip(yaml.formatted("out-10").getBytes(UTF_8)));
        assertThat(packed.statusCode()).as(packed.body()).isEqualTo(201);

        HttpResponse<String> wrong =
                send("application/yaml", "", "kind: merge\n  output: [".getBytes(UTF_8));
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(ApiJson.read(wrong.body(), ProblemDetail.class).errors().getFirst().line())
                .isEqualTo(2);
        assertThat(send("application/json", "gzip", gzip(new byte[64 << 20])).statusCode())
                .as("a bomb")
                .isEqualTo(413);
        assertThat(send("application/json", "gzip", "no".getBytes(UTF_8)).statusCode())
                .isEqualTo(400);
        assertThat(send("application/json", "brotli", "no".getBytes(UTF_8)).statusCode())
                .isEqualTo(415);
    }

    @Test
    void artifactsAreTheFilesOfTheOutputAndNothingElse() throws Exception {
        String job = id(post("/jobs", "submit", document("out-11"), "key-11"));
        events(job, 0);
        Files.createSymbolicLink(root.resolve("out-11/secret"), root.resolve("tokens"));
        Files.createSymbolicLink(root.resolve("out-11/away"), Path.of("/etc"));

        Artifact[] files =
                ApiJson.read(get("/jobs/" + job + "/artifacts", "read").body(), Artifact[].class);
        assertThat(files)
                .extracting(Artifact::name)
                .contains("config.json", "accrete.json")
                .anyMatch(name -> name.endsWith(".safetensors"))
                .doesNotContain("secret")
                .noneMatch(name -> name.contains("away") || name.contains(".."));
        assertThat(files)
                .allSatisfy(
                        file ->
                                assertThat(file.bytes())
                                        .isEqualTo(
                                                Files.size(
                                                        root.resolve("out-11")
                                                                .resolve(file.name()))));
        PlanResource plan =
                ApiJson.read(get("/jobs/" + job + "/plan", "read").body(), PlanResource.class);
        assertThat(plan.sites()).hasSize(3);
        assertThat(plan.model().orElseThrow().layers()).isEqualTo(3);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static HttpResponse<String> send(String type, String encoding, byte[] body)
            throws Exception {
        HttpRequest.Builder request =
                request("/jobs", "submit")
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofByteArray(body));
        if (!encoding.isEmpty()) {
            request.header("Content-Encoding", encoding);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
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

    private static HttpResponse<String> delete(String path, String who) throws Exception {
        return CLIENT.send(request(path, who).DELETE().build(), BodyHandlers.ofString());
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
