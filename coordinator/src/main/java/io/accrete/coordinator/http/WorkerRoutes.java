package io.accrete.coordinator.http;

import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;

import io.accrete.coordinator.job.Jobs;

/** {@code /workers}: who works, and who is to stop. */
final class WorkerRoutes extends AllDirectives {
    private final Jobs jobs;
    private final Guard guard;

    WorkerRoutes(Jobs jobs, Guard guard) {
        this.jobs = jobs;
        this.guard = guard;
    }

    Route route() {
        return concat(
                pathEndOrSingleSlash(() -> get(() -> guard.allow(Role.READ, this::list))),
                path(
                        PathMatchers.segment().slash("drain"),
                        worker -> post(() -> guard.allow(Role.ADMIN, () -> drain(worker)))));
    }

    private Route list() {
        return Answers.of(jobs.workers(), Answers::ok);
    }

    private Route drain(String worker) {
        return Answers.of(
                jobs.drain(worker), drained -> Answers.json(StatusCodes.ACCEPTED, drained));
    }
}
