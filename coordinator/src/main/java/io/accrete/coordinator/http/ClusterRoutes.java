package io.accrete.coordinator.http;

import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

/** {@code /cluster}: which nodes there are. */
final class ClusterRoutes extends AllDirectives {
    private final ClusterLook cluster;
    private final Guard guard;

    ClusterRoutes(ClusterLook cluster, Guard guard) {
        this.cluster = cluster;
        this.guard = guard;
    }

    Route route() {
        return pathEndOrSingleSlash(
                () -> get(() -> guard.allow(Role.READ, () -> complete(Answers.ok(cluster.now())))));
    }
}
