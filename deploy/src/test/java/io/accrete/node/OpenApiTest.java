package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.ApiDocument.Answer;
import io.accrete.node.ApiDocument.Operation;
import io.accrete.node.ServedNode.Who;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The server does what its OpenAPI document says: every route, every status, every field. */
class OpenApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

    /** Beyond the bounds on paths and on headers. */
    private static final String LONG = "x".repeat(9_000);

    /** What this test does not bring about, and which method of which test beside it does. */
    private static final Map<String, String> ELSEWHERE =
            Map.of(
                    "post /jobs 408",
                    "HostileHttpTest#aBodyThatNeverComesIsNotWaitedForForEver",
                    "post /jobs/{id}/rollback 202",
                    "OpenApiTrainingTest#answersAboutTrainingsAreAsDescribed",
                    "post /jobs/{id}/export 201",
                    "OpenApiTrainingTest#answersAboutTrainingsAreAsDescribed",
                    "get /jobs/{id}/metrics 200",
                    "OpenApiTrainingTest#answersAboutTrainingsAreAsDescribed",
                    "get /metrics 401",
                    "NodeTest#metricsOfANodeThatOthersReachTakeAToken");

    @TempDir static Path root;
    private static ServedNode server;
    private static AwayServer away;

    /** As {@code get /jobs 200}. */
    private final Set<String> seen = new TreeSet<>();

    @BeforeAll
    static void start() throws Exception {
        server = ServedNode.start(root);
        away = AwayServer.start(root);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        away.close();
    }

    @Test
    void everyStatusOfEveryOperationComesAboutAsDescribed() throws Exception {
        strangersAreTurnedAway();
        whatIsNotThereIsNotFound();
        whatNoOperationTakesIsRefused();
        withoutACoordinator();
        theDocumentIsSentOnce();
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

        Set<String> missed = described();
        missed.removeAll(seen);
        assertThat(missed)
                .as("what did not come about is exactly what others bring about")
                .isEqualTo(new TreeSet<>(ELSEWHERE.keySet()));
    }

    private static Set<String> described() {
        Set<String> described = new TreeSet<>();
        for (Operation operation : server.operations()) {
            operation
                    .description()
                    .path("responses")
                    .fieldNames()
                    .forEachRemaining(status -> described.add(operation + " " + status));
        }
        return described;
    }

    @Test
    void whoBringsAboutTheRestIsThere() throws Exception {
        for (String test : ELSEWHERE.values()) {
            String[] name = test.split("#", 2);
            assertThat(
                            Class.forName(getClass().getPackageName() + "." + name[0])
                                    .getDeclaredMethod(name[1])
                                    .isAnnotationPresent(Test.class))
                    .as(test)
                    .isTrue();
        }
    }

    @Test
    void everyFieldHasAType() {
        ApiDocument document = server.document();
        assertTyped(document.json().path("components").path("schemas"), "");
        for (Operation operation : server.operations()) {
            operation.parameters().forEach(one -> assertTyped(one, operation + ""));
            operation
                    .description()
                    .path("responses")
                    .forEach(one -> assertTyped(document.resolved(one), operation + ""));
        }
    }

    /** All values of fields, items and choices, and what {@code schema} names. */
    private static void assertTyped(JsonNode node, String where) {
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String here = where + "/" + entry.getKey();
            JsonNode value = entry.getValue();
            switch (entry.getKey()) {
                case "properties" ->
                        value.properties()
                                .forEach(
                                        field ->
                                                assertType(field.getValue(), here, field.getKey()));
                case "items", "schema" -> assertType(value, here, "");
                case "oneOf" -> value.forEach(one -> assertType(one, here, ""));
                default -> {}
            }
            assertTyped(value, here);
        }
    }

    private static void assertType(JsonNode schema, String where, String field) {
        String what = "%s/%s: %s".formatted(where, field, schema);
        assertThat(Stream.of("type", "$ref", "oneOf").anyMatch(schema::has)).as(what).isTrue();
        switch (schema.path("type").asText()) {
            case "object" -> assertThat(schema.path("properties").isEmpty()).as(what).isFalse();
            case "array" -> assertThat(schema.has("items")).as(what).isTrue();
            default -> {}
        }
    }

    @Test
    void enumerationsAreThoseOfTheProgram() {
        assertEnumerates("/State/enum", JobPhase.values());
        assertEnumerates("/Kind/enum", JobKind.values());
        assertEnumerates("/Job/properties/reason_code/enum", ReasonCode.values());
        assertEnumerates("/Fault/properties/severity/enum", Problem.Severity.values());
    }

    private static void assertEnumerates(String place, Enum<?>[] constants) {
        Set<String> listed = new TreeSet<>();
        server.document()
                .json()
                .path("components")
                .path("schemas")
                .at(place)
                .forEach(one -> listed.add(one.asText().toUpperCase(Locale.ROOT)));
        assertThat(listed)
                .as(place)
                .isEqualTo(
                        Arrays.stream(constants)
                                .map(Enum::name)
                                .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void methodsThatAPathHasNotAreAnsweredWithThoseThatItHas() throws Exception {
        Map<String, List<Operation>> paths =
                server.operations().stream().collect(Collectors.groupingBy(Operation::path));
        for (List<Operation> operations : paths.values()) {
            Set<String> has = new TreeSet<>();
            operations.forEach(one -> has.add(one.verb().toUpperCase(Locale.ROOT)));
            if (has.contains("GET")) {
                has.add("HEAD");
            }
            for (String verb : ApiDocument.VERBS) {
                if (has.contains(verb.toUpperCase(Locale.ROOT))) {
                    continue;
                }
                String what = verb + " " + operations.getFirst().path();
                Answer answer = send(verb, operations.getFirst().at("none"), Who.ADMIN, "", JSON);
                assertThat(answer.status()).as("%s: %s", what, answer.body()).isEqualTo(405);
                String detail =
                        server.document()
                                .assertIs("MethodNotAllowed", answer, what)
                                .path("detail")
                                .asText();
                String allowed = answer.headers().firstValue("Allow").orElse("");
                assertThat(Set.of(allowed.split(", "))).as(what).isEqualTo(has);
                assertThat(detail).as(what).contains(verb.toUpperCase(Locale.ROOT), allowed);
            }
        }
    }

    private void strangersAreTurnedAway() throws Exception {
        for (Operation operation : server.operations()) {
            boolean open = operation.description().path("security").isArray();
            // the node listens on loopback only
            boolean isOpenHere = open || operation.path().equals("/metrics");
            ask(operation, "none", "", Who.NOBODY, "", isOpenHere ? 200 : 401);
            if (!operation.verb().equals("get")) {
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

    private void whatNoOperationTakesIsRefused() throws Exception {
        for (Operation operation : server.operations()) {
            ask(operation, "none", "?nothing=1", Who.ADMIN, "", 400);
            ask(operation, "none", "?nothing=" + LONG, Who.ADMIN, "", 414);
            Map<String, String> packed = Map.of("Accept-Encoding", "identity;q=0");
            ask(operation, "none", "", Who.ADMIN, "", packed, 406);
            ask(operation, "none", "", Who.ADMIN, "", Map.of("X-Long", LONG), 431);
        }
    }

    /** The server without one asks for no tokens either. */
    private void withoutACoordinator() throws Exception {
        for (Operation operation : server.operations()) {
            String path = operation.at("none") + needed(operation);
            assertDescribed(operation, away.send(operation.verb(), path, "evil.example", ""), 403);
            if (operation.has(503)) {
                assertDescribed(operation, away.send(operation.verb(), path), 503);
            }
        }
    }

    private void theDocumentIsSentOnce() throws Exception {
        Operation document = operation("get", "/openapi.yaml");
        Answer first = send("get", document.at(""), Who.NOBODY, "", Map.of());
        assertDescribed(document, first, 200);
        String tag = first.headers().firstValue("ETag").orElseThrow();
        Map<String, String> known = Map.of("If-None-Match", "\"other\", " + tag);
        assertThat(ask(document, "", "", Who.NOBODY, "", known, 304).isMissingNode()).isTrue();
        Map<String, String> other = Map.of("If-None-Match", "\"other\"");
        ask(document, "", "", Who.NOBODY, "", other, 200);
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
        ask(operation("get", "/cluster/folders"), "", "", Who.SUBMIT, "", 200);
        ask(operation("get", "/jobs"), "", "?limit=0", Who.READ, "", 400);
        Operation events = operation("get", "/jobs/{id}/events");
        ask(events, job, "", Who.READ, "", Map.of("Last-Event-ID", "yesterday"), 400);
        ask(events, job, "", Who.READ, "", Map.of("Accept", "application/json"), 406);
        return job;
    }

    private void submissionsAreRefused() throws Exception {
        Operation submit = operation("post", "/jobs");
        ask(submit, "", "", Who.SUBMIT, "{", 400);
        ask(submit, "", "", Who.SUBMIT, ServedNode.merge("../out", 2), 403);
        ask(submit, "", "", Who.SUBMIT, "x".repeat(2 << 20), 413);
        String good = ServedNode.merge("out", 2);
        ask(submit, "", "", Who.SUBMIT, good, Map.of("Content-Type", "text/plain"), 415);
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
        return ask(operation, value, query, who, body, JSON, status);
    }

    private JsonNode ask(
            Operation operation,
            String value,
            String query,
            Who who,
            String body,
            Map<String, String> headers,
            int status)
            throws Exception {
        Answer answer = send(operation.verb(), operation.at(value) + query, who, body, headers);
        return assertDescribed(operation, answer, status);
    }

    private static Answer send(
            String verb, String path, Who who, String body, Map<String, String> headers)
            throws Exception {
        return Answer.of(server.send(verb, path, who, body, headers));
    }

    private JsonNode assertDescribed(Operation operation, Answer answer, int status) {
        JsonNode body = server.document().assertDescribed(operation, answer, status);
        seen.add("%s %d".formatted(operation, status));
        return body;
    }
}
