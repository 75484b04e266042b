package io.accrete.coordinator.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.http.javadsl.Http;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.ServerBuilder;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import akka.http.scaladsl.model.EntityStreamSizeException;

import io.accrete.coordinator.job.JobHistory;
import io.accrete.coordinator.job.Jobs;

import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.DurationConverters;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The server of {@code /api/v1} on one node. */
public final class ApiServer extends AllDirectives {
    private static final Map<String, String> UP = Map.of("status", "up");
    private static final String OPEN_API = "io/accrete/coordinator/http/openapi.yaml";
    private static final ContentType YAML =
            MediaTypes.applicationWithFixedCharset("yaml", HttpCharsets.UTF_8).toContentType();
    private static final Duration END = Duration.ofSeconds(2);

    private final Jobs jobs;
    private final ApiSettings settings;
    private final String version;
    private final Route jobRoutes;
    private final Route workerRoutes;
    private final Route clusterRoutes;

    private ApiServer(
            ActorSystem<?> system,
            Jobs jobs,
            Tokens tokens,
            Roots roots,
            ApiSettings settings,
            String version) {
        this.jobs = jobs;
        Guard guard = new Guard(tokens);
        this.settings = settings;
        this.version = version;
        JobHistory history = JobHistory.of(system);
        ActorRef<FeedHub.Command> hub =
                system.systemActorOf(
                        FeedHub.create(history::live, settings.watchersMax()),
                        "feeds",
                        Props.empty());
        Route streams = new StreamRoutes(jobs, history, settings, guard, system, hub).route();
        this.clusterRoutes = new ClusterRoutes(system, guard).route();
        this.workerRoutes = new WorkerRoutes(jobs, guard).route();
        this.jobRoutes = new JobRoutes(jobs, roots, settings, guard, streams).route();
    }

    /**
     * @param host address to listen on
     * @param port 0 for any that is free
     * @param tls where it serves https
     * @param version of the program
     */
    public static CompletionStage<ServerBinding> bind(
            ActorSystem<?> system,
            Jobs jobs,
            String host,
            int port,
            Optional<HttpsConnectionContext> tls,
            Tokens tokens,
            Roots roots,
            String version) {
        ApiSettings settings = ApiSettings.from(system.settings().config());
        ApiServer server = new ApiServer(system, jobs, tokens, roots, settings, version);
        ServerBuilder at = Http.get(system).newServerAt(host, port);
        return tls.map(at::enableHttps)
                .orElse(at)
                .bind(server.route())
                .thenApply(binding -> binding.addToCoordinatedShutdown(END, system));
    }

    private Route route() {
        ExceptionHandler failures =
                ExceptionHandler.newBuilder()
                        .match(EntityStreamSizeException.class, _ -> complete(tooLarge()))
                        .matchAny(failure -> complete(Answers.failure(failure)))
                        .build();
        return handleExceptions(
                failures,
                () -> handleRejections(rejections(), () -> encodeResponse(this::bounded)));
    }

    private Route bounded() {
        FiniteDuration timeout = DurationConverters.toScala(settings.bodyTimeout());
        return withSizeLimit(settings.bodyBytesMax(), () -> toStrictEntity(timeout, this::routes));
    }

    private Route routes() {
        return concat(
                pathPrefix("api", () -> pathPrefix("v1", this::versionOne)),
                path("version", () -> get(() -> answer(Map.of("version", version)))),
                path(segment("health").slash("live"), () -> get(() -> answer(UP))),
                path(segment("health").slash("ready"), () -> get(this::ready)));
    }

    private Route versionOne() {
        return concat(
                pathPrefix("jobs", () -> jobRoutes),
                pathPrefix("workers", () -> workerRoutes),
                pathPrefix("cluster", () -> clusterRoutes),
                path("openapi.yaml", () -> get(() -> getFromResource(OPEN_API, YAML))));
    }

    private Route answer(Object record) {
        return complete(Answers.ok(record));
    }

    /** Whether the coordinator answers here. */
    private Route ready() {
        return Answers.of(jobs.view("none"), _ -> Answers.ok(UP));
    }

    private HttpResponse tooLarge() {
        return Answers.problem(
                StatusCodes.CONTENT_TOO_LARGE,
                "API-413",
                "a body has at most %,d bytes".formatted(settings.bodyBytesMax()));
    }

    private static RejectionHandler rejections() {
        return RejectionHandler.defaultHandler()
                .mapRejectionResponse(
                        response ->
                                Answers.problem(
                                        response.status(),
                                        "API-" + response.status().intValue(),
                                        response.status().defaultMessage()));
    }
}
