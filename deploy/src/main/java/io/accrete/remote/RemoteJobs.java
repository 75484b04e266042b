package io.accrete.remote;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.ClusterResource;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobPage;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.http.ProblemDetail;
import io.accrete.protocol.job.WorkerView;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The jobs of a server. Each question is one request, and blocks. */
public final class RemoteJobs implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final ServerAddress server;
    private final HttpClient client;

    public RemoteJobs(ServerAddress server) {
        this.server = server;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .version(HttpClient.Version.HTTP_1_1);
        server.trust().ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** What a steered job is asked for. */
    public enum Verb {
        PAUSE("pause"),
        RESUME("resume"),
        CANCEL("cancel");

        private final String path;

        Verb(String path) {
            this.path = path;
        }
    }

    /**
     * @param key the same key gives the same job, however often it is sent
     */
    public JobResource submit(JobDocument document, String key)
            throws ServerException, InterruptedException {
        HttpRequest.Builder request =
                request("/jobs")
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .POST(BodyPublishers.ofString(ApiJson.write(document)));
        return read(send(request), JobResource.class);
    }

    /**
     * The plan that such a job would have, as JSON; nothing is submitted.
     *
     * @throws ServerException with all that is wrong, where it would be refused
     */
    public String tryOut(JobDocument document) throws ServerException, InterruptedException {
        return send(
                request("/jobs?dryRun=true")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(ApiJson.write(document))));
    }

    /** Takes a job that has ended off the list. */
    public void delete(String job) throws ServerException, InterruptedException {
        send(request("/jobs/" + encoded(job)).DELETE());
    }

    public JobResource show(String job) throws ServerException, InterruptedException {
        return read(send(request("/jobs/" + encoded(job)).GET()), JobResource.class);
    }

    public JobPage list(Optional<String> state, int limit, Optional<String> cursor)
            throws ServerException, InterruptedException {
        return list(state, Optional.empty(), limit, cursor);
    }

    /**
     * @param kind {@code merge} or {@code train}
     * @param cursor of the page before
     */
    public JobPage list(
            Optional<String> state, Optional<String> kind, int limit, Optional<String> cursor)
            throws ServerException, InterruptedException {
        String query =
                "/jobs?limit=%d%s%s%s"
                        .formatted(
                                limit,
                                state.map(s -> "&state=" + encoded(s)).orElse(""),
                                kind.map(k -> "&kind=" + encoded(k)).orElse(""),
                                cursor.map(c -> "&cursor=" + encoded(c)).orElse(""));
        return read(send(request(query).GET()), JobPage.class);
    }

    public JobResource steer(String job, Verb verb) throws ServerException, InterruptedException {
        String path = "/jobs/%s/%s".formatted(encoded(job), verb.path);
        return read(send(request(path).POST(BodyPublishers.noBody())), JobResource.class);
    }

    /**
     * @param step that has a checkpoint, or 0
     */
    public JobResource rollBack(String job, int step) throws ServerException, InterruptedException {
        String path = "/jobs/%s/rollback?step=%d".formatted(encoded(job), step);
        return read(send(request(path).POST(BodyPublishers.noBody())), JobResource.class);
    }

    public List<WorkerView> workers() throws ServerException, InterruptedException {
        return List.of(read(send(request("/workers").GET()), WorkerView[].class));
    }

    public ClusterResource cluster() throws ServerException, InterruptedException {
        return read(send(request("/cluster").GET()), ClusterResource.class);
    }

    public WorkerView drain(String worker) throws ServerException, InterruptedException {
        String path = "/workers/%s/drain".formatted(encoded(worker));
        return read(send(request(path).POST(BodyPublishers.noBody())), WorkerView.class);
    }

    /** What happened so far. */
    public List<JobNews> log(String job) throws ServerException, InterruptedException {
        String path = "/jobs/%s/logs".formatted(encoded(job));
        return List.of(read(send(request(path).GET()), JobNews[].class));
    }

    /**
     * What happens, as it happens; the stream ends with the job, or when the connection breaks.
     *
     * @param after the number of the last event that is known already
     */
    public Stream<JobNews> events(String job, long after)
            throws ServerException, InterruptedException {
        HttpRequest request =
                authorized(
                                HttpRequest.newBuilder(
                                        server.resolve("/jobs/%s/events".formatted(encoded(job)))))
                        .header("Accept", "text/event-stream")
                        .header("Last-Event-ID", Long.toString(after))
                        .GET()
                        .build();
        try {
            HttpResponse<Stream<String>> response = client.send(request, BodyHandlers.ofLines());
            if (response.statusCode() != 200) {
                try (Stream<String> lines = response.body()) {
                    throw ServerException.refused(
                            problem(
                                    response.statusCode(),
                                    String.join("\n", lines.limit(100).toList())));
                }
            }
            return response.body()
                    .filter(line -> line.startsWith("data:") && line.length() > "data:".length())
                    .map(line -> news(line.substring("data:".length())));
        } catch (IOException e) {
            throw ServerException.unreachable(server.toString(), e);
        }
    }

    private static JobNews news(String json) {
        try {
            return ApiJson.read(json, JobNews.class);
        } catch (JsonProcessingException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private HttpRequest.Builder request(String path) {
        return authorized(HttpRequest.newBuilder(server.resolve(path)).timeout(ANSWER));
    }

    private HttpRequest.Builder authorized(HttpRequest.Builder request) {
        return server.token()
                .map(token -> request.header("Authorization", "Bearer " + token))
                .orElse(request);
    }

    private String send(HttpRequest.Builder request) throws ServerException, InterruptedException {
        try {
            HttpResponse<String> response =
                    client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (response.statusCode() / 100 != 2) {
                throw ServerException.refused(problem(response.statusCode(), response.body()));
            }
            return response.body();
        } catch (IOException e) {
            throw ServerException.unreachable(server.toString(), e);
        }
    }

    /** Whatever stands between may answer something else than a problem document. */
    private static ProblemDetail problem(int status, String body) {
        try {
            return ApiJson.read(body, ProblemDetail.class);
        } catch (JsonProcessingException e) {
            return ProblemDetail.of(
                    status, "", "API-" + status, "the server answered %d".formatted(status));
        }
    }

    private <T> T read(String json, Class<T> type) throws ServerException {
        try {
            return ApiJson.read(json, type);
        } catch (JsonProcessingException e) {
            throw ServerException.unreachable(server + ", or something that is not Accrete,", e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
