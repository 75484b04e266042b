package io.accrete.coordinator.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.http.javadsl.Http;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.ServerBuilder;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.server.UnsupportedRequestEncodingRejection;
import akka.http.scaladsl.model.EntityStreamSizeException;
import akka.http.scaladsl.model.IllegalRequestException;
import akka.http.scaladsl.model.IllegalUriException;

import io.accrete.coordinator.job.JobHistory;
import io.accrete.coordinator.job.JobPlans;
import io.accrete.coordinator.job.Jobs;

import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.DurationConverters;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.zip.ZipException;

/** The server of {@code /api/v1} on one node. */
public final class ApiServer extends AllDirectives {
    private static final Map<String, String> UP = Map.of("status", "up");
    private static final String OPEN_API = "io/accrete/coordinator/http/openapi.yaml";
    private static final ContentType YAML =
            MediaTypes.applicationWithFixedCharset("yaml", HttpCharsets.UTF_8).toContentType();
    private static final Set<HttpMethod> LOOKS =
            Set.of(HttpMethods.GET, HttpMethods.HEAD, HttpMethods.OPTIONS);
    private static final HttpHeader CLOSE = RawHeader.create("Connection", "close");
    private static final Duration END = Duration.ofSeconds(2);
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CONTENT_TOO_LARGE = 413;

    private final Jobs jobs;
    private final Guard guard;
    private final SiteCheck sites;
    private final ApiSettings settings;
    private final String version;
    private final Route jobRoutes;
    private final Route workerRoutes;
    private final ClusterLook cluster;
    private final Route clusterRoutes;
    private final Route metricsRoutes;

    private ApiServer(
            ActorSystem<?> system,
            Jobs jobs,
            JobPlans plans,
            String host,
            Tokens tokens,
            Roots roots,
            ApiSettings settings,
            String version) {
        this.jobs = jobs;
        this.guard = new Guard(tokens);
        this.sites = new SiteCheck(tokens.isAsked() ? Optional.empty() : name(host));
        this.settings = settings;
        this.version = version;
        JobHistory history = JobHistory.of(system);
        AtomicInteger watchers = new AtomicInteger();
        ActorRef<FeedHub.Command> hub =
                system.systemActorOf(
                        FeedHub.create(
                                new FeedHub.Setup(
                                        history::live,
                                        Math.ceilDiv(settings.watcherEventsMax(), 2))),
                        "feeds",
                        Props.empty());
        this.cluster = new ClusterLook(system);
        Route streams =
                new StreamRoutes(jobs, history, settings, guard, system, hub, watchers).route();
        this.clusterRoutes = new ClusterRoutes(cluster, guard).route();
        this.workerRoutes = new WorkerRoutes(jobs, guard).route();
        FiniteDuration bodyTimeout = DurationConverters.toScala(settings.bodyTimeout());
        this.jobRoutes =
                new JobRoutes(
                                jobs,
                                settings,
                                guard,
                                new SubmitRoutes(jobs, plans, roots, guard, bodyTimeout).route(),
                                new ExportRoutes(jobs, roots, guard).route(),
                                new PaperRoutes(
                                                jobs,
                                                plans,
                                                roots,
                                                guard,
                                                system.dispatchers()
                                                        .lookup(DispatcherSelector.blocking()))
                                        .route(),
                                streams)
                        .route();
        this.metricsRoutes =
                new MetricsRoutes(jobs, cluster, watchers::get, guard, isLoopback(host), version)
                        .route();
    }

    /** Where it listens on all addresses of the machine, nobody knows all of its names. */
    private static Optional<String> name(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress()
                    ? Optional.empty()
                    : Optional.of(host);
        } catch (UnknownHostException e) {
            return Optional.of(host);
        }
    }

    /** What only this machine can reach is open, as the health of the node is. */
    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
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
            JobPlans plans,
            String host,
            int port,
            Optional<HttpsConnectionContext> tls,
            Tokens tokens,
            Roots roots,
            String version) {
        ApiSettings settings = ApiSettings.from(system.settings().config());
        ApiServer server =
                new ApiServer(system, jobs, plans, host, tokens, roots, settings, version);
        ServerBuilder at = Http.get(system).newServerAt(host, port);
        return tls.map(at::enableHttps)
                .orElse(at)
                .bind(server.route())
                .thenApply(binding -> binding.addToCoordinatedShutdown(END, system));
    }

    private Route route() {
        return closing(
                () ->
                        handleExceptions(
                                failures(), () -> handleRejections(rejections(), this::encoded)));
    }

    private Route encoded() {
        return encodeResponse(() -> ofThisSite(() -> guard.beforeBody(this::bounded)));
    }

    private Route ofThisSite(Supplier<Route> inner) {
        return extractRequest(
                request ->
                        sites.refusal(
                                        !LOOKS.contains(request.method()),
                                        request.getHeader("Host").map(HttpHeader::value),
                                        request.getHeader("Origin").map(HttpHeader::value))
                                .<Route>map(
                                        sentence ->
                                                complete(
                                                        Answers.problem(
                                                                StatusCodes.FORBIDDEN,
                                                                "API-403",
                                                                sentence)))
                                .orElseGet(inner));
    }

    /** What goes wrong while a request is read is the caller's fault. */
    private ExceptionHandler failures() {
        return ExceptionHandler.newBuilder()
                .match(EntityStreamSizeException.class, _ -> complete(tooLarge()))
                .match(
                        IllegalUriException.class,
                        _ -> complete(Answers.badRequest("the path or the query is malformed")))
                .match(
                        ZipException.class,
                        _ ->
                                complete(
                                        Answers.badRequest(
                                                "the body is not what its Content-Encoding says")))
                .match(IllegalRequestException.class, failure -> complete(illegal(failure)))
                .matchAny(failure -> complete(Answers.failure(failure)))
                .build();
    }

    /** Compressed bodies are bounded as they come, and again as what they stand for. */
    private Route bounded() {
        FiniteDuration timeout = DurationConverters.toScala(settings.bodyTimeout());
        return withSizeLimit(
                settings.bodyBytesMax(),
                () ->
                        decodeRequest(
                                () ->
                                        withSizeLimit(
                                                settings.bodyBytesMax(),
                                                () -> toStrictEntity(timeout, this::routes))));
    }

    private Route routes() {
        return concat(
                pathPrefix("api", () -> pathPrefix("v1", this::versionOne)),
                metricsRoutes,
                path("version", () -> open(() -> answer(Map.of("version", version)))),
                path(segment("health").slash("live"), () -> open(() -> answer(UP))),
                path(segment("health").slash("ready"), () -> open(() -> coordinated(this::ready))));
    }

    private Route versionOne() {
        return concat(
                pathPrefix("jobs", () -> coordinated(() -> jobRoutes)),
                pathPrefix("workers", () -> coordinated(() -> workerRoutes)),
                pathPrefix("cluster", () -> clusterRoutes),
                path("openapi.yaml", () -> open(() -> getFromResource(OPEN_API, YAML))));
    }

    /** What needs the coordinator is not even tried where there can be none. */
    private Route coordinated(Supplier<Route> inner) {
        return extractRequest(
                _ ->
                        cluster.minority()
                                .<Route>map(
                                        sentence ->
                                                complete(
                                                        Answers.problem(
                                                                StatusCodes.SERVICE_UNAVAILABLE,
                                                                "API-503",
                                                                sentence)))
                                .orElseGet(inner));
    }

    private Route open(Supplier<Route> inner) {
        return get(() -> guard.open(inner));
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

    private HttpResponse illegal(IllegalRequestException failure) {
        return switch (failure.status().intValue()) {
            case CONTENT_TOO_LARGE -> tooLarge();
            case REQUEST_TIMEOUT ->
                    Answers.problem(
                            StatusCodes.REQUEST_TIMEOUT,
                            "API-408",
                            "a body must have arrived within %d s"
                                    .formatted(settings.bodyTimeout().toSeconds()));
            default -> Answers.badRequest("the request is malformed");
        };
    }

    /** Headers stay: `Allow` says which methods a path has. */
    private RejectionHandler rejections() {
        return RejectionHandler.newBuilder()
                .handle(
                        UnsupportedRequestEncodingRejection.class,
                        _ ->
                                complete(
                                        Answers.problem(
                                                StatusCodes.UNSUPPORTED_MEDIA_TYPE,
                                                "API-415",
                                                "a body is sent as it is, or with"
                                                    + " `Content-Encoding: gzip` or `deflate`")))
                .handleNotFound(
                        complete(
                                Answers.problem(
                                        StatusCodes.NOT_FOUND,
                                        "API-404",
                                        "there is nothing here; /api/v1/openapi.yaml lists what"
                                                + " there is")))
                .build()
                .withFallback(
                        RejectionHandler.defaultHandler()
                                .mapRejectionResponse(ApiServer::asProblem));
    }

    private static HttpResponse asProblem(HttpResponse response) {
        return Answers.problem(
                        response.status(),
                        "API-" + response.status().intValue(),
                        response.status().defaultMessage())
                .addHeaders(response.getHeaders());
    }

    /**
     * Where a body was not read to its end the connection cannot be used again, and who sent it is
     * told so.
     */
    private Route closing(Supplier<Route> inner) {
        return extractRequest(
                request ->
                        request.entity().isStrict()
                                ? inner.get()
                                : mapResponse(
                                        response ->
                                                response.status().isFailure()
                                                        ? response.addHeader(CLOSE)
                                                        : response,
                                        inner));
    }
}
