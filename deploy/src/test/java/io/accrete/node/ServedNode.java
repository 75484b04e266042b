package io.accrete.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A whole node in this process, with a token for each role and a model under its root.
 *
 * @param document its OpenAPI document
 */
record ServedNode(Path root, Node node, HttpClient client, ApiDocument document)
        implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MIB = 1 << 20;

    /** As a token file has them, and who has none that is known. */
    enum Who {
        NOBODY,
        READ,
        SUBMIT,
        ADMIN;

        String token() {
            return "token-of-" + name();
        }
    }

    static ServedNode start(Path root) throws Exception {
        TinyModels.llama().write(root.resolve("model"));
        List<String> tokens = new ArrayList<>();
        for (Who who : List.of(Who.READ, Who.SUBMIT, Who.ADMIN)) {
            tokens.add(
                    "%s %s %s"
                            .formatted(
                                    who.name().toLowerCase(Locale.ROOT),
                                    who.name(),
                                    Sha256.hex(who.token().getBytes(UTF_8))));
        }
        Node node =
                Node.start(
                        LocalSettings.in(
                                root, 1, Optional.of(Files.write(root.resolve("tokens"), tokens))),
                        "test");
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpResponse<String> text =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://%s/api/v1/openapi.yaml"
                                                        .formatted(node.http().orElseThrow())))
                                .build(),
                        BodyHandlers.ofString());
        return new ServedNode(root, node, client, ApiDocument.of(text.body()));
    }

    Endpoint address() {
        return node.http().orElseThrow();
    }

    List<ApiDocument.Operation> operations() {
        return document.operations();
    }

    HttpResponse<String> send(String verb, String path, Who who, String body)
            throws IOException, InterruptedException {
        return send(verb, path, who, body, Map.of("Content-Type", "application/json"));
    }

    HttpResponse<String> send(
            String verb, String path, Who who, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://%s%s".formatted(address(), path)))
                        .timeout(PATIENCE)
                        .header("Authorization", "Bearer " + who.token())
                        // A server that refuses a long body closes while it still comes.
                        .expectContinue(body.length() > MIB)
                        .method(verb.toUpperCase(Locale.ROOT), BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return client.send(request.build(), BodyHandlers.ofString());
    }

    static String merge(String output, int layers) {
        return ApiJson.write(
                Map.of(
                        "kind",
                        "merge",
                        "recipe",
                        """
                        merge_method: passthrough
                        slices:
                          - sources: [{model: model, layer_range: [0, %d]}]
                        """
                                .formatted(layers),
                        "output",
                        output));
    }

    @Override
    public void close() throws IOException {
        client.shutdownNow();
        node.close();
    }
}
