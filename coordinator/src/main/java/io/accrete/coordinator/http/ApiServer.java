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
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Connection;
import akka.http.javadsl.model.headers.Host;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.settings.ServerSettings;

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
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The server of {@code /api/v1} on one node. */
public final class ApiServer extends AllDirectives {
    private static final Map<String, String> UP = Map.of("status", "up");
    private static final Set<HttpMethod> LOOKS =
            Set.of(HttpMethods.GET, HttpMethods.HEAD, HttpMethods.OPTIONS);
    private static final HttpHeader VARY = RawHeader.create("Vary", "Accept-Encoding");
    private static final HttpHeader CLOSE = Connection.create("close");
    private static final Duration END = Duration.ofSeconds(2);

    private final Jobs jobs;
    private final Guard guard;
    private final SiteCheck sites;
    private final ApiSettings settings;
    private final RequestFaults faults;
    private final String version;
    private final Route jobRoutes;
    private final Route workerRoutes;
    private final ClusterLook cluster;
    private final Route clusterRoutes;
    private final Route metricsRoutes;
    private final Route documentRoutes;

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
        this.faults = new RequestFaults(settings);
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
        Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
        RootMarks marks = new RootMarks(cluster, roots);
        marks.leave(system);
        this.clusterRoutes = new ClusterRoutes(cluster, marks, guard, blocking).route();
        this.workerRoutes = new WorkerRoutes(jobs, guard).route();
        this.documentRoutes = new DocumentRoutes(guard).route();
        FiniteDuration bodyTimeout = DurationConverters.toScala(settings.bodyTimeout());
        this.jobRoutes =
                new JobRoutes(
                                jobs,
                                guard,
                                new SubmitRoutes(jobs, plans, roots, guard, bodyTimeout).route(),
                                new ExportRoutes(jobs, roots, guard).route(),
                                new PaperRoutes(jobs, plans, roots, guard, blocking).route(),
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
        // Load balancers ask for the health of a node by HTTP/1.0, which knows no `Host`.
        ServerBuilder at =
                Http.get(system)
                        .newServerAt(host, port)
                        .withSettings(
                                ServerSettings.create(system.settings().config())
                                        .withDefaultHostHeader(Host.create("localhost")));
        return tls.map(at::enableHttps)
                .orElse(at)
                .bind(server.route())
                .thenApply(binding -> binding.addToCoordinatedShutdown(END, system));
    }

    private Route route() {
        return closing(
                () ->
                        handleExceptions(
                                faults.failures(),
                                () -> handleRejections(faults.rejections(), this::encoded)));
    }

    private Route encoded() {
        return respondWithHeader(
                VARY,
                () -> encodeResponse(() -> ofThisSite(() -> guard.beforeBody(this::bounded))));
    }

    private Route ofThisSite(Supplier<Route> inner) {
        return extractRequest(
                request ->
                        Answers.unless(
                                sites.refusal(
                                        !LOOKS.contains(request.method()),
                                        request.getHeader("Host").map(HttpHeader::value),
                                        request.getHeader("Origin").map(HttpHeader::value)),
                                StatusCodes.FORBIDDEN,
                                "API-403",
                                inner));
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
                path(segment("health").slash("ready"), () -> open(this::ready)));
    }

    private Route versionOne() {
        return concat(
                pathPrefix("jobs", () -> coordinated(() -> jobRoutes)),
                pathPrefix("workers", () -> coordinated(() -> workerRoutes)),
                pathPrefix("cluster", () -> clusterRoutes),
                documentRoutes);
    }

    /**
     * What needs the coordinator is not even tried where there can be none; no stranger is told.
     */
    private Route coordinated(Supplier<Route> inner) {
        return guard.known(
                _ ->
                        Answers.unless(
                                cluster.minority(),
                                StatusCodes.SERVICE_UNAVAILABLE,
                                "API-503",
                                inner));
    }

    private Route open(Supplier<Route> inner) {
        return get(() -> guard.open(inner));
    }

    private Route answer(Object record) {
        return complete(Answers.ok(record));
    }

    /** Whether the coordinator answers here; anybody may ask, and is not told more than that. */
    private Route ready() {
        return extractRequest(
                _ ->
                        cluster.minority().isPresent()
                                ? complete(notReady())
                                : onComplete(
                                        jobs.presence(),
                                        answer ->
                                                complete(
                                                        answer.isSuccess()
                                                                ? Answers.ok(UP)
                                                                : notReady(
                                                                        answer.failed().get()))));
    }

    private static HttpResponse notReady(Throwable failure) {
        HttpResponse answer = Answers.failure(failure);
        return answer.status().equals(StatusCodes.SERVICE_UNAVAILABLE) ? notReady() : answer;
    }

    private static HttpResponse notReady() {
        return Answers.problem(
                StatusCodes.SERVICE_UNAVAILABLE,
                "API-503",
                "the coordinator does not answer this node now");
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
