package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** {@code /cluster}: which nodes there are, and whether they see the same folders. */
final class ClusterRoutes extends AllDirectives {
    private final ClusterLook cluster;
    private final RootMarks marks;
    private final Guard guard;
    private final Executor blocking;

    ClusterRoutes(ClusterLook cluster, RootMarks marks, Guard guard, Executor blocking) {
        this.cluster = cluster;
        this.marks = marks;
        this.guard = guard;
        this.blocking = blocking;
    }

    Route route() {
        return concat(
                pathEndOrSingleSlash(
                        () -> get(() -> guard.allow(Role.READ, () -> complete(nodes())))),
                // Who may submit has to know where to.
                path("folders", () -> get(() -> guard.allow(Role.SUBMIT, this::folders))));
    }

    private HttpResponse nodes() {
        return Answers.ok(cluster.now());
    }

    private Route folders() {
        return Answers.of(CompletableFuture.supplyAsync(marks::seen, blocking), Answers::ok);
    }
}
