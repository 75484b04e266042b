package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.node.ServedNode.Operation;
import io.accrete.node.ServedNode.Who;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The server does what its OpenAPI document says: every route, every status. */
class OpenApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What this test does not bring about, and who does. */
    private static final Set<String> ELSEWHERE =
            Set.of(
                    "post /jobs/{id}/rollback 202 TrainNodeTest",
                    "post /jobs/{id}/export 201 TrainServerTest",
                    "get /jobs/{id}/metrics 200 TrainServerTest",
                    "get /metrics 401 NodeTest",
                    "503 CoordinatorAwayTest");

    @TempDir static Path root;
    private static ServedNode server;

    /** As {@code get /jobs 200}. */
    private final Set<String> seen = new TreeSet<>();

    @BeforeAll
    static void start() throws Exception {
        server = ServedNode.start(root);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void everyStatusOfEveryOperationComesAboutAsDescribed() throws Exception {
        strangersAreTurnedAway();
        whatIsNotThereIsNotFound();
        String done = aJobThatSucceeds();
        submissionsAreRefused();
        String stuck = aJobThatNobodyWorksOn();
        ofJobs("post", "/pause", Who.SUBMIT, done, 409);
        ofJobs("post", "/resume", Who.SUBMIT, done, 409);
        ofJobs("post", "/cancel", Who.SUBMIT, done, 409);
        ofJobs("post", "/rollback", "?step=0", Who.SUBMIT, done, 409);
        ofJobs("post", "/rollback", "?step=-1", Who.SUBMIT, done, 400);
        ofJobs("post", "/export", "?output=x", Who.SUBMIT, done, 409);
        ofJobs("post", "/export", "?step=1", Who.SUBMIT, done, 400);
        ofJobs("get", "/metrics", Who.READ, done, 409);
        ofJobs("get", "/metrics", "?limit=0", Who.READ, done, 400);
        ofJobs("delete", "", Who.ADMIN, stuck, 409);
        ofJobs("get", "/artifacts", Who.READ, stuck, 409);
        ofJobs("post", "/pause", Who.SUBMIT, stuck, 202);
        ofJobs("post", "/resume", Who.SUBMIT, stuck, 202);
        ofJobs("post", "/cancel", Who.SUBMIT, stuck, 202);
        ofJobs("delete", "", Who.ADMIN, done, 204);

        Set<String> missed = new TreeSet<>();
        for (Operation operation : server.operations()) {
            operation
                    .description()
                    .path("responses")
                    .fieldNames()
                    .forEachRemaining(status -> missed.add(operation + " " + status));
        }
        missed.removeAll(seen);
        missed.removeIf(one -> ELSEWHERE.stream().anyMatch(other -> isOf(other, one)));
        assertThat(missed).as("statuses that are described, and did not come about").isEmpty();
    }

    private static boolean isOf(String elsewhere, String status) {
        String what = elsewhere.substring(0, elsewhere.lastIndexOf(' '));
        return status.equals(what) || status.endsWith(" " + what);
    }

    private void strangersAreTurnedAway() throws Exception {
        for (Operation operation : server.operations()) {
            boolean open = operation.description().path("security").isArray();
            // the node listens on loopback only
            boolean isOpenHere = open || operation.path().equals("/metrics");
            ask(operation, "none", "", Who.NOBODY, "", isOpenHere ? 200 : 401);
            if (operation.description().path("responses").has("403")) {
                ask(operation, "none", "", Who.READ, "", 403);
            }
        }
    }

    private void whatIsNotThereIsNotFound() throws Exception {
        for (Operation operation : server.operations()) {
            if (operation.path().contains("{")) {
                ask(operation, "none", needed(operation), Who.ADMIN, "", 404);
            }
        }
    }

    /** Parameters without which an operation is not understood. */
    private static String needed(Operation operation) {
        String path = operation.path();
        return path.endsWith("rollback") ? "?step=0" : path.endsWith("export") ? "?output=x" : "";
    }

    private String aJobThatSucceeds() throws Exception {
        Operation submit = operation("post", "/jobs");
        ask(submit, "", "?dryRun=true", Who.SUBMIT, ServedNode.merge("out", 2), 200);
        assertThat(root.resolve("out")).doesNotExist();
        assertThat(root.resolve(".out.accrete")).doesNotExist();
        String job =
                ask(submit, "", "", Who.SUBMIT, ServedNode.merge("out", 2), 201)
                        .path("id")
                        .asText();
        ofJobs("get", "/events", Who.READ, job, 200);
        ofJobs("get", "/logs", Who.READ, job, 200);
        ofJobs("get", "/plan", Who.READ, job, 200);
        ofJobs("get", "/artifacts", Who.READ, job, 200);
        ofJobs("get", "", Who.READ, job, 200);
        for (String path : Set.of("/jobs", "/workers", "/cluster")) {
            ask(operation("get", path), "", "", Who.READ, "", 200);
        }
        ask(operation("get", "/jobs"), "", "?limit=0", Who.READ, "", 400);
        Operation events = operation("get", "/jobs/{id}/events");
        HttpResponse<String> bad =
                server.send(
                        "get", events.at(job), Who.READ, "", Map.of("Last-Event-ID", "yesterday"));
        assertDescribed(events, bad, 400);
        return job;
    }

    private void submissionsAreRefused() throws Exception {
        Operation submit = operation("post", "/jobs");
        ask(submit, "", "", Who.SUBMIT, "{", 400);
        ask(submit, "", "", Who.SUBMIT, ServedNode.merge("../out", 2), 403);
        ask(submit, "", "", Who.SUBMIT, "x".repeat(2 << 20), 413);
        HttpResponse<String> untyped =
                server.send(
                        "post",
                        submit.at(""),
                        Who.SUBMIT,
                        ServedNode.merge("out", 2),
                        Map.of("Content-Type", "text/plain"));
        assertDescribed(submit, untyped, 415);
        JsonNode refused =
                ask(submit, "", "?dryRun=true", Who.SUBMIT, ServedNode.merge("out-2", 9), 422);
        assertThat(refused.path("errors").path(0).path("code").asText()).isNotBlank();
        assertThat(refused.path("errors").path(0).path("line").asInt()).isEqualTo(3);
    }

    private String aJobThatNobodyWorksOn() throws Exception {
        String worker =
                ask(operation("get", "/workers"), "", "", Who.READ, "", 200)
                        .path(0)
                        .path("worker")
                        .asText();
        ask(operation("post", "/workers/{name}/drain"), worker, "", Who.ADMIN, "", 202);
        Operation submit = operation("post", "/jobs");
        String job =
                ask(submit, "", "", Who.SUBMIT, ServedNode.merge("out-3", 2), 201)
                        .path("id")
                        .asText();
        ask(submit, "", "", Who.SUBMIT, ServedNode.merge("out-3", 1), 409);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                ask(
                                                                operation("get", "/jobs/{id}"),
                                                                job,
                                                                "",
                                                                Who.READ,
                                                                "",
                                                                200)
                                                        .path("state")
                                                        .asText())
                                        .isEqualTo("RUNNING"));
        return job;
    }

    private void ofJobs(String verb, String below, Who who, String job, int status)
            throws Exception {
        ofJobs(verb, below, "", who, job, status);
    }

    private void ofJobs(String verb, String below, String query, Who who, String job, int status)
            throws Exception {
        ask(operation(verb, "/jobs/{id}" + below), job, query, who, "", status);
    }

    private static Operation operation(String verb, String path) {
        return server.operations().stream()
                .filter(one -> one.verb().equals(verb) && one.path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private JsonNode ask(
            Operation operation, String value, String query, Who who, String body, int status)
            throws Exception {
        HttpResponse<String> answer =
                server.send(operation.verb(), operation.at(value) + query, who, body);
        return assertDescribed(operation, answer, status);
    }

    /** Status and required fields are those of the document. */
    private JsonNode assertDescribed(Operation operation, HttpResponse<String> answer, int status)
            throws IOException {
        assertThat(answer.statusCode()).as("%s: %s", operation, answer.body()).isEqualTo(status);
        JsonNode response =
                resolved(operation.description().path("responses").path(Integer.toString(status)));
        assertThat(response.isMissingNode()).as("%s %d", operation, status).isFalse();
        seen.add("%s %d".formatted(operation, status));
        String type = answer.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        if (!response.has("content")) {
            assertThat(answer.body()).isEmpty();
            return JSON.missingNode();
        }
        assertThat(response.path("content").has(type)).as("%s: %s", operation, type).isTrue();
        if (!type.endsWith("json")) {
            return JSON.missingNode();
        }
        JsonNode body = JSON.readTree(answer.body());
        assertHasFields(operation, body, response.path("content").path(type).path("schema"));
        return body;
    }

    private static void assertHasFields(Operation operation, JsonNode body, JsonNode reference) {
        JsonNode schema = resolved(reference);
        if (schema.path("type").asText().equals("array")) {
            assertThat(body.isArray()).as(operation.toString()).isTrue();
            body.forEach(item -> assertHasFields(operation, item, schema.path("items")));
        }
        for (JsonNode field : schema.path("required")) {
            assertThat(body.has(field.asText()))
                    .as("%s: %s of %s", operation, field.asText(), body)
                    .isTrue();
        }
        schema.path("properties")
                .properties()
                .forEach(
                        property -> {
                            if (body.has(property.getKey())) {
                                assertHasFields(
                                        operation,
                                        body.get(property.getKey()),
                                        property.getValue());
                            }
                        });
    }

    private static JsonNode resolved(JsonNode reference) {
        return reference.has("$ref")
                ? server.document().at(reference.path("$ref").asText().substring(1))
                : reference;
    }
}
