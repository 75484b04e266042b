package io.accrete.remote;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.ClusterResource;
import io.accrete.protocol.http.FigurePage;
import io.accrete.protocol.http.FoldersResource;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobPage;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.WorkerView;
import io.accrete.remote.ServerRing.Repeat;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The jobs of a cluster. Each question blocks, and goes to the next server where one is away. */
public final class RemoteJobs implements AutoCloseable {
    private final ServerRing servers;
    private final ClientPatience patience;

    public RemoteJobs(ServerAddress servers) {
        this(servers, ClientPatience.USUAL);
    }

    public RemoteJobs(ServerAddress servers, ClientPatience patience) {
        this.patience = patience;
        this.servers = new ServerRing(servers, patience);
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
        return read(
                ask(
                        Repeat.ALWAYS,
                        "/jobs",
                        request ->
                                request.header("Content-Type", "application/json")
                                        .header("Idempotency-Key", key)
                                        .POST(BodyPublishers.ofString(ApiJson.write(document)))),
                JobResource.class);
    }

    /**
     * The plan that such a job would have, as JSON; nothing is submitted. It is work, so that no
     * second server is put to it while the first may be at it.
     *
     * @throws ServerException with all that is wrong, where it would be refused
     */
    public String tryOut(JobDocument document) throws ServerException, InterruptedException {
        return ask(
                Repeat.UNSEEN,
                "/jobs?dryRun=true",
                request ->
                        request.header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(ApiJson.write(document))));
    }

    /** Takes a job that has ended off the list. */
    public void delete(String job) throws ServerException, InterruptedException {
        ask(Repeat.UNSEEN, "/jobs/" + encoded(job), HttpRequest.Builder::DELETE);
    }

    public JobResource show(String job) throws ServerException, InterruptedException {
        return read(get("/jobs/" + encoded(job)), JobResource.class);
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
        return read(get(query), JobPage.class);
    }

    public JobResource steer(String job, Verb verb) throws ServerException, InterruptedException {
        String path = "/jobs/%s/%s".formatted(encoded(job), verb.path);
        return read(post(path), JobResource.class);
    }

    /**
     * @param step that has a checkpoint, or 0
     */
    public JobResource rollBack(String job, int step) throws ServerException, InterruptedException {
        String path = "/jobs/%s/rollback?step=%d".formatted(encoded(job), step);
        return read(post(path), JobResource.class);
    }

    /**
     * A job that publishes the weights of a checkpoint.
     *
     * @param step that has a checkpoint; the latest if empty
     * @param output the folder to publish, on the server
     * @param key the same key gives the same job, however often it is sent
     */
    public JobResource export(
            String job, OptionalInt step, String output, boolean overwrite, String key)
            throws ServerException, InterruptedException {
        String path =
                "/jobs/%s/export?output=%s%s%s"
                        .formatted(
                                encoded(job),
                                encoded(output),
                                step.isPresent() ? "&step=" + step.getAsInt() : "",
                                overwrite ? "&overwrite=true" : "");
        return read(
                ask(
                        Repeat.ALWAYS,
                        path,
                        request ->
                                request.header("Idempotency-Key", key)
                                        .POST(BodyPublishers.noBody())),
                JobResource.class);
    }

    /**
     * Figures of a training, of which a page has some at a time.
     *
     * @param after the step that they come after; from the beginning if empty
     */
    public FigurePage figures(String job, OptionalInt after)
            throws ServerException, InterruptedException {
        String query = after.isPresent() ? "?after=" + after.getAsInt() : "";
        return read(get("/jobs/%s/metrics%s".formatted(encoded(job), query)), FigurePage.class);
    }

    public List<WorkerView> workers() throws ServerException, InterruptedException {
        return List.of(read(get("/workers"), WorkerView[].class));
    }

    public ClusterResource cluster() throws ServerException, InterruptedException {
        return read(get("/cluster"), ClusterResource.class);
    }

    /** Of the node that answers. */
    public FoldersResource folders() throws ServerException, InterruptedException {
        return read(get("/cluster/folders"), FoldersResource.class);
    }

    public WorkerView drain(String worker) throws ServerException, InterruptedException {
        String path = "/workers/%s/drain".formatted(encoded(worker));
        return read(post(path), WorkerView.class);
    }

    /** What happened so far. */
    public List<JobNews> log(String job) throws ServerException, InterruptedException {
        String path = "/jobs/%s/logs".formatted(encoded(job));
        return List.of(read(get(path), JobNews[].class));
    }

    /**
     * What happens, as it happens; the stream ends with the job, or when the connection breaks, and
     * the next one is asked of another server.
     *
     * @param after the number of the last event that is known already
     * @throws UnreadableEventException by the stream, for what is no event
     */
    public Stream<JobNews> events(String job, long after)
            throws ServerException, InterruptedException {
        Stream<String> lines =
                servers.ask(
                        Repeat.ALWAYS,
                        "/jobs/%s/events".formatted(encoded(job)),
                        request ->
                                request.header("Accept", "text/event-stream")
                                        .header("Last-Event-ID", Long.toString(after))
                                        .GET(),
                        _ -> new EventLines(patience.silence(), servers::leave));
        return lines.filter(line -> line.startsWith("data:") && line.length() > "data:".length())
                .map(line -> news(line.substring("data:".length())));
    }

    private static JobNews news(String json) {
        try {
            return ApiJson.read(json, JobNews.class);
        } catch (JsonProcessingException e) {
            throw new UnreadableEventException(e);
        }
    }

    private String get(String path) throws ServerException, InterruptedException {
        return ask(Repeat.ALWAYS, path, HttpRequest.Builder::GET);
    }

    private String post(String path) throws ServerException, InterruptedException {
        return ask(Repeat.UNSEEN, path, request -> request.POST(BodyPublishers.noBody()));
    }

    private String ask(Repeat repeat, String path, UnaryOperator<HttpRequest.Builder> request)
            throws ServerException, InterruptedException {
        return servers.ask(repeat, path, request, BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private <T> T read(String json, Class<T> type) throws ServerException {
        try {
            return ApiJson.read(json, type);
        } catch (JsonProcessingException e) {
            throw somethingElse(e);
        }
    }

    /** What the server is whose answer cannot be read. */
    public ServerException somethingElse(Exception why) {
        return ServerException.unreachable(List.of(Outage.ofSomethingElse(servers.current())), why);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        servers.close();
    }
}
