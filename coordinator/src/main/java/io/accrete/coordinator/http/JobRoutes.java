package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;

import io.accrete.coordinator.job.JobQuery;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.job.ListReply;
import io.accrete.protocol.http.JobPage;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/** {@code /jobs} and what is below it, but for streams. */
final class JobRoutes extends AllDirectives {
    private static final int PAGE_DEFAULT = 50;

    private final Jobs jobs;
    private final ApiSettings settings;
    private final Guard guard;
    private final Route submissions;
    private final Route exports;
    private final Route papers;
    private final Route streams;

    /**
     * @param submissions what comes to the list itself
     * @param exports of checkpoints of a job
     * @param papers plans and artifacts of a job
     * @param streams events of a job
     */
    JobRoutes(
            Jobs jobs,
            ApiSettings settings,
            Guard guard,
            Route submissions,
            Route exports,
            Route papers,
            Route streams) {
        this.jobs = jobs;
        this.settings = settings;
        this.guard = guard;
        this.submissions = submissions;
        this.exports = exports;
        this.papers = papers;
        this.streams = streams;
    }

    Route route() {
        return concat(
                pathEndOrSingleSlash(() -> concat(submissions, get(this::list))),
                path(
                        PathMatchers.segment(),
                        job ->
                                concat(
                                        get(() -> guard.allow(Role.READ, () -> show(job))),
                                        delete(() -> guard.allow(Role.ADMIN, () -> delete(job))))),
                path(
                        PathMatchers.segment().slash("rollback"),
                        job ->
                                post(
                                        () ->
                                                guard.allow(
                                                        Role.SUBMIT,
                                                        List.of("step"),
                                                        _ -> rollBack(job)))),
                exports,
                path(
                        PathMatchers.segment().slash(PathMatchers.segment()),
                        (job, verb) ->
                                post(() -> guard.allow(Role.SUBMIT, () -> steer(job, verb)))),
                papers,
                streams);
    }

    private Route list() {
        return guard.allow(
                Role.READ,
                List.of("state", "kind", "limit", "cursor"),
                _ -> parameterMap(parameters -> list(new QueryReader(parameters))));
    }

    private Route list(QueryReader parameters) {
        Optional<JobPhase> phase = parameters.oneOf("state", JobPhase.values());
        Optional<JobKind> kind = parameters.oneOf("kind", JobKind.values());
        int most = parameters.number("limit", 1, settings.pageMax()).orElse(PAGE_DEFAULT);
        Optional<String> fault = parameters.fault();
        if (fault.isPresent()) {
            return complete(Answers.badRequest(fault.get()));
        }
        JobQuery query = new JobQuery(phase, kind, most, parameters.text("cursor"));
        return Answers.of(
                jobs.list(query),
                reply ->
                        switch (reply) {
                            case ListReply.Page(List<JobView> page, Optional<String> cursor) ->
                                    Answers.ok(
                                            new JobPage(
                                                    page.stream().map(JobResource::of).toList(),
                                                    cursor));
                            case ListReply.UnknownCursor unknown ->
                                    Answers.badRequest(
                                            "`cursor` is what the page before gave, or a job that"
                                                    + " is on the list");
                        });
    }

    private Route show(String job) {
        return Answers.of(
                jobs.view(job),
                view ->
                        view.map(found -> Answers.ok(JobResource.of(found)))
                                .orElseGet(() -> Answers.noSuchJob(job)));
    }

    private Route rollBack(String job) {
        return parameterMap(
                all -> {
                    QueryReader parameters = new QueryReader(all);
                    OptionalInt step = parameters.number("step", 0, Integer.MAX_VALUE);
                    if (step.isEmpty() || parameters.fault().isPresent()) {
                        return complete(
                                Answers.badRequest(
                                        "`step` is the number of a step that has a checkpoint, or"
                                                + " 0"));
                    }
                    return Answers.of(
                            jobs.rollBack(job, step.getAsInt()),
                            view -> Answers.json(StatusCodes.ACCEPTED, JobResource.of(view)));
                });
    }

    private Route delete(String job) {
        return Answers.of(
                jobs.delete(job), _ -> HttpResponse.create().withStatus(StatusCodes.NO_CONTENT));
    }

    private Route steer(String job, String verb) {
        CompletionStage<JobView> steered;
        switch (verb) {
            case "pause" -> steered = jobs.pause(job);
            case "resume" -> steered = jobs.resume(job);
            case "cancel" -> steered = jobs.cancel(job);
            default -> {
                return complete(
                        Answers.problem(
                                StatusCodes.NOT_FOUND,
                                "API-404",
                                "a job can be asked to pause, resume, cancel, rollback, export"));
            }
        }
        return Answers.of(
                steered, view -> Answers.json(StatusCodes.ACCEPTED, JobResource.of(view)));
    }
}
