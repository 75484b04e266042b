package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;

import org.yaml.snakeyaml.Yaml;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An OpenAPI document, and whether answers are what it says: no field more, no field less. */
final class ApiDocument {
    static final List<String> VERBS = List.of("get", "post", "put", "patch", "delete", "options");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEMAS = "#/components/schemas/";
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_2020_12,
                    builder ->
                            builder.schemaRegistryConfig(
                                    SchemaRegistryConfig.builder()
                                            .formatAssertionsEnabled(true)
                                            .build()));

    private final JsonNode json;
    private final JsonNode definitions;

    private ApiDocument(JsonNode json) {
        this.json = json;
        this.definitions = closed(json.path("components").path("schemas"));
    }

    static ApiDocument of(String yaml) {
        return new ApiDocument(JSON.valueToTree(new Yaml().load(yaml)));
    }

    /**
     * One operation of the document.
     *
     * @param path as it stands there, with names in braces
     * @param base what stands before it
     * @param parameters its own, and those of its path
     */
    record Operation(
            String verb,
            String path,
            String base,
            JsonNode description,
            List<JsonNode> parameters) {
        /** With a value for what stands in braces. */
        String at(String value) {
            return base + path.replaceAll("\\{\\w+}", value);
        }

        boolean has(int status) {
            return description.path("responses").has(Integer.toString(status));
        }

        @Override
        public String toString() {
            return verb + " " + path;
        }
    }

    /** What a server answered. */
    record Answer(int status, HttpHeaders headers, String body) {
        static Answer of(HttpResponse<String> response) {
            return new Answer(response.statusCode(), response.headers(), response.body());
        }

        /** As it came through a socket, not in chunks. */
        static Answer of(String raw) {
            String[] parts = raw.split("\r\n\r\n", 2);
            List<String> lines = parts[0].lines().toList();
            Map<String, List<String>> headers = new TreeMap<>();
            lines.stream()
                    .skip(1)
                    .map(line -> line.split(": ", 2))
                    .forEach(header -> headers.put(header[0], List.of(header[1])));
            return new Answer(
                    Integer.parseInt(lines.getFirst().substring(9, 12)),
                    HttpHeaders.of(headers, (_, _) -> true),
                    parts[1]);
        }
    }

    JsonNode json() {
        return json;
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : json.path("paths").properties()) {
            JsonNode item = path.getValue();
            String base = item.has("servers") ? "" : "/api/v1";
            for (String verb : VERBS) {
                if (item.has(verb)) {
                    List<JsonNode> parameters = new ArrayList<>();
                    item.path("parameters").forEach(one -> parameters.add(resolved(one)));
                    item.get(verb).path("parameters").forEach(one -> parameters.add(resolved(one)));
                    operations.add(
                            new Operation(verb, path.getKey(), base, item.get(verb), parameters));
                }
            }
        }
        return operations;
    }

    /**
     * Status, headers, type, and every field are as the operation describes them.
     *
     * @return the body; missing where it is no JSON
     */
    JsonNode assertDescribed(Operation operation, Answer answer, int status) {
        assertThat(answer.status()).as("%s: %s", operation, answer.body()).isEqualTo(status);
        JsonNode response = operation.description().path("responses").path(status + "");
        assertThat(response.isMissingNode()).as("%s %d", operation, status).isFalse();
        return assertIs(resolved(response), answer, operation.toString());
    }

    /** As {@link #assertDescribed}, of one of the responses that any path may give. */
    JsonNode assertIs(String response, Answer answer, String what) {
        return assertIs(json.path("components").path("responses").path(response), answer, what);
    }

    private JsonNode assertIs(JsonNode response, Answer answer, String what) {
        response.path("headers")
                .properties()
                .forEach(
                        header ->
                                assertThat(answer.headers().firstValue(header.getKey()))
                                        .as("%s: %s", what, header.getKey())
                                        .isPresent());
        if (!response.has("content")) {
            assertThat(answer.body()).as(what).isEmpty();
            return JSON.missingNode();
        }
        String type = answer.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        assertThat(response.path("content").has(type)).as("%s: %s", what, type).isTrue();
        JsonNode schema = response.path("content").path(type).path("schema");
        if (type.equals("text/event-stream")) {
            List<String> events =
                    answer.body().lines().filter(line -> line.startsWith("data:{")).toList();
            assertThat(events).as(what).isNotEmpty();
            events.forEach(
                    event -> assertValid(schema, parsed(event.substring("data:".length())), what));
        }
        if (!type.endsWith("json")) {
            return JSON.missingNode();
        }
        JsonNode body = parsed(answer.body());
        assertValid(schema, body, what);
        if (type.endsWith("problem+json")) {
            assertThat(body.path("status").asInt()).as(what).isEqualTo(answer.status());
            assertThat(body.path("code").asText()).as(what).isEqualTo("API-" + answer.status());
        }
        return body;
    }

    private void assertValid(JsonNode schema, JsonNode value, String what) {
        ObjectNode whole = (ObjectNode) closed(schema);
        whole.set("$defs", definitions);
        Schema compiled = REGISTRY.getSchema(whole);
        assertThat(compiled.validate(value)).as("%s: %s", what, value).isEmpty();
    }

    /** A schema by which a field that is not described is wrong, which it is not for callers. */
    private static JsonNode closed(JsonNode schemas) {
        JsonNode copy = parsed(schemas.toString().replace(SCHEMAS, "#/$defs/"));
        close(copy);
        return copy;
    }

    private static void close(JsonNode schema) {
        if (schema.path("properties").isObject() && !schema.has("additionalProperties")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
        schema.forEach(ApiDocument::close);
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    /** What a reference leads to. */
    JsonNode resolved(JsonNode reference) {
        return reference.has("$ref")
                ? json.at(reference.path("$ref").asText().substring(1))
                : reference;
    }
}
