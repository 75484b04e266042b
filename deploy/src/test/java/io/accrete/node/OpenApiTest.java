package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/** The server does what its OpenAPI document says, whatever is sent to it. */
class OpenApiTest {
    private static final long SEED = Long.getLong("accrete.seed", 1);
    private static final int REQUESTS = Integer.getInteger("accrete.requests", 300);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> VERBS = List.of("get", "post");

    @TempDir static Path root;
    private static Node node;
    private static JsonNode document;

    @BeforeAll
    static void start() throws Exception {
        node =
                Node.start(
                        new NodeSettings(
                                Optional.of(new Endpoint("127.0.0.1", 0)),
                                new Endpoint("127.0.0.1", 0),
                                List.of(),
                                Optional.empty(),
                                root.resolve("state"),
                                List.of(root),
                                1,
                                Optional.empty(),
                                false),
                        "test");
        HttpResponse<String> text = send("GET", "/openapi.yaml", "");
        assertThat(text.statusCode()).isEqualTo(200);
        document = JSON.valueToTree(new Yaml().load(text.body()));
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
    }

    private record Operation(String verb, String path, JsonNode description) {}

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (String verb : VERBS) {
                if (path.getValue().has(verb)) {
                    operations.add(new Operation(verb, path.getKey(), path.getValue().get(verb)));
                }
            }
        }
        return operations;
    }

    @Test
    void everyOperationIsServedAndAnswersAsDescribed() throws Exception {
        assertThat(operations()).hasSizeGreaterThan(10);
        for (Operation operation : operations()) {
            HttpResponse<String> answer =
                    send(operation.verb(), operation.path().replaceAll("\\{\\w+}", "none"), "");
            assertDescribed(operation, answer);
            if (!operation.path().contains("{") && operation.verb().equals("get")) {
                assertThat(answer.statusCode()).as(operation.toString()).isEqualTo(200);
            }
        }
    }

    @Test
    void whateverIsSentIsAnsweredAsDescribed() throws Exception {
        Random random = new Random(SEED);
        List<Operation> operations = operations();
        for (int i = 0; i < REQUESTS; i++) {
            Operation operation = operations.get(random.nextInt(operations.size()));
            String path = operation.path().replaceAll("\\{\\w+}", hostile(random));
            String query = random.nextInt(3) == 0 ? "?limit=" + hostile(random) : "";
            String body = random.nextBoolean() ? hostileBody(random) : "";
            HttpResponse<String> answer = send(operation.verb(), path + query, body);
            assertThat(answer.statusCode())
                    .as("request %d (seed %d): %s %s", i, SEED, operation.verb(), path)
                    .isLessThan(500);
            assertThat(answer.body()).doesNotContain("Exception").doesNotContain("\tat ");
        }
        assertThat(send("GET", "/jobs", "").statusCode()).isEqualTo(200);
    }

    private static void assertDescribed(Operation operation, HttpResponse<String> answer)
            throws IOException {
        TreeSet<String> statuses = new TreeSet<>();
        operation.description().path("responses").fieldNames().forEachRemaining(statuses::add);
        assertThat(statuses).as(operation.toString()).contains(answer.statusCode() + "");
        if (answer.statusCode() >= 400) {
            JsonNode problem = JSON.readTree(answer.body());
            for (JsonNode field : document.at("/components/schemas/Problem/required")) {
                assertThat(problem.has(field.asText())).as(field.asText()).isTrue();
            }
        }
    }

    /** A segment of a path or a value of a query. */
    private static String hostile(Random random) {
        List<String> texts =
                List.of(
                        "none",
                        "..",
                        "../../etc/passwd",
                        "%2e%2e%2f",
                        "\u0000",
                        "a b",
                        "\u00e9\ud83d\ude00",
                        "'; DROP TABLE event_journal; --",
                        "-1",
                        "99999999999999999999",
                        "x".repeat(300));
        return URLEncoder.encode(texts.get(random.nextInt(texts.size())), StandardCharsets.UTF_8)
                .replace("+", "%20");
    }

    private static String hostileBody(Random random) {
        List<String> bodies =
                List.of(
                        "{",
                        "null",
                        "[]",
                        "\"text\"",
                        "{\"kind\":\"merge\",\"recipe\":\"a: &a [*a]\",\"output\":\"x\"}",
                        "{\"kind\":\"merge\",\"recipe\":\"x\",\"output\":\"/etc/passwd\"}",
                        "{\"kind\":\"merge\",\"recipe\":\"x\",\"output\":\"\\u0000\"}",
                        "{\"kind\":\"merge\",\"recipe\":\"" + bomb() + "\",\"output\":\"bomb\"}",
                        "{\"kind\":\"merge\",\"recipe\":1,\"output\":{}}",
                        "{\"kind\":\"merge\",\"options\":{\"out_shard_size\":-1}}",
                        "[".repeat(5000),
                        "{\"a\":".repeat(500),
                        "x".repeat(100_000));
        return bodies.get(random.nextInt(bodies.size()));
    }

    /** Ten levels of ten. */
    private static String bomb() {
        StringBuilder text = new StringBuilder("a0: &a0 [1,1]\\n");
        for (int level = 1; level < 10; level++) {
            text.append("a%d: &a%d [%s]\\n".formatted(level, level, "*a" + (level - 1)));
        }
        return text.toString();
    }

    private static HttpResponse<String> send(String verb, String path, String body)
            throws IOException, InterruptedException {
        String base = "http://%s/api/v1".formatted(node.http().orElseThrow());
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .timeout(Duration.ofSeconds(60))
                        .header("Content-Type", "application/json")
                        .method(verb.toUpperCase(Locale.ROOT), BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}
