package io.accrete.coordinator.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

import io.accrete.coordinator.job.Figures;
import io.accrete.coordinator.job.Jobs;

import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * {@code /metrics} of one node: what it knows itself, and what the coordinator says. It is answered
 * while there is no coordinator too, since that is when somebody will look.
 */
final class MetricsRoutes extends AllDirectives {
    private static final ContentType TEXT = ContentTypes.parse(MetricsPage.CONTENT_TYPE);

    private final Jobs jobs;
    private final ClusterLook cluster;
    private final IntSupplier watchers;
    private final Guard guard;
    private final boolean open;
    private final String version;

    /**
     * @param watchers streams of events on this node
     * @param open whether it is for everybody who can connect, as the health of a node is
     */
    MetricsRoutes(
            Jobs jobs,
            ClusterLook cluster,
            IntSupplier watchers,
            Guard guard,
            boolean open,
            String version) {
        this.jobs = jobs;
        this.cluster = cluster;
        this.watchers = watchers;
        this.guard = guard;
        this.open = open;
        this.version = version;
    }

    Route route() {
        return path(
                "metrics",
                () ->
                        get(
                                () ->
                                        open
                                                ? guard.open(this::answer)
                                                : guard.allow(Role.READ, this::answer)));
    }

    private Route answer() {
        return onComplete(
                jobs.figures(),
                figures ->
                        complete(
                                page(
                                        figures.isSuccess()
                                                ? Optional.of(figures.get())
                                                : Optional.empty())));
    }

    private HttpResponse page(Optional<Figures> figures) {
        return HttpResponse.create()
                .withEntity(
                        TEXT, MetricsPage.of(version, cluster.now(), watchers.getAsInt(), figures));
    }
}
