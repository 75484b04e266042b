package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobResource;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Streams of a job on which nobody works, on a node with room for two. */
class EventStreamTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int LINES_MAX = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir static Path root;
    private static Node node;
    private static String job = "";

    @BeforeAll
    static void start() throws Exception {
        TinyModels.llama().write(root.resolve("model"));
        Endpoint any = new Endpoint("127.0.0.1", 0);
        node =
                Node.start(
                        new NodeSettings(
                                Optional.of(any),
                                any,
                                any,
                                List.of(),
                                Optional.empty(),
                                root.resolve("state"),
                                List.of(root),
                                0,
                                Optional.empty(),
                                Encryption.none(),
                                Optional.empty(),
                                Optional.empty(),
                                false,
                                LogFormat.TEXT,
                                LogLevel.ERROR,
                                List.of(),
                                ConfigFactory.parseString(
                                        "accrete.http {heartbeat = 100ms, watchers-max = 2,"
                                                + " watcher-events-max = 1}")),
                        "test");
        HttpResponse<String> created =
                CLIENT.send(
                        request("/jobs")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(ServedNode.merge("out", 2)))
                                .build(),
                        BodyHandlers.ofString());
        job = ApiJson.read(created.body(), JobResource.class).id();
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
    }

    @BeforeEach
    void nobodyWatches() {
        await().atMost(PATIENCE).until(() -> watchers() == 0);
    }

    @Test
    void aSilentStreamSaysThatItIsAlive() throws Exception {
        try (Stream<String> lines = watch().body()) {
            Iterator<String> next = lines.iterator();
            boolean told = false;
            int heartbeats = 0;
            for (int i = 0; i < LINES_MAX && heartbeats < 3; i++) {
                String line = next.next();
                told |= line.startsWith("data:{");
                heartbeats += line.equals(":") ? 1 : 0;
            }
            assertThat(heartbeats).isEqualTo(3);
            assertThat(told).as("events came first").isTrue();
        }
    }

    /** More than may wait for a slow watcher, which is said of what is new only. */
    @Test
    void whatHappenedIsToldToEach() throws Exception {
        await().atMost(PATIENCE).until(() -> events(1).size() == 1);
        try (Stream<String> other = watch().body()) {
            assertThat(other.iterator().next()).isNotNull();
            await().atMost(PATIENCE).until(() -> watchers() == 1);
            assertThat(events(3)).containsExactly("id:1", "id:2", "id:3");
        }
    }

    private static List<String> events(int count) throws Exception {
        try (Stream<String> lines = watch().body()) {
            return lines.filter(line -> line.startsWith("id:")).limit(count).toList();
        }
    }

    @Test
    void whoComesTooManyIsToldSoUntilAnotherLeaves() throws Exception {
        HttpResponse<Stream<String>> first = watch();
        try (Stream<String> second = watch().body()) {
            assertThat(second.iterator().next()).isNotNull();
            await().atMost(PATIENCE).until(() -> watchers() == 2);
            HttpResponse<Stream<String>> third = watch();
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.headers().firstValue("Retry-After")).isPresent();
            try (Stream<String> body = third.body()) {
                assertThat(body).singleElement().asString().contains("streams of events");
            }

            first.body().close();
            await().atMost(PATIENCE)
                    .until(
                            () -> {
                                HttpResponse<Stream<String>> again = watch();
                                again.body().close();
                                return again.statusCode() == 200;
                            });
        }
    }

    private static HttpResponse<Stream<String>> watch() throws Exception {
        return CLIENT.send(
                request("/jobs/" + job + "/events").GET().build(), BodyHandlers.ofLines());
    }

    private static double watchers() throws Exception {
        URI metrics = URI.create("http://%s/metrics".formatted(node.http().orElseThrow()));
        return Scrape.of(
                        CLIENT.send(
                                        HttpRequest.newBuilder(metrics).build(),
                                        BodyHandlers.ofString())
                                .body())
                .value("accrete_watchers", "");
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://%s/api/v1%s".formatted(node.http().orElseThrow(), path)))
                .timeout(PATIENCE);
    }
}
