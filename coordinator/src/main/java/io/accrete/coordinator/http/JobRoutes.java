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
import java.util.function.Function;

/** {@code /jobs} and what is below it, but for streams. */
final class JobRoutes extends AllDirectives {
    private static final int PAGE_DEFAULT = 50;
    private static final String GROWTHS = "; growths are trainings, of kind TRAIN";

    private final Jobs jobs;
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
            Jobs jobs, Guard guard, Route submissions, Route exports, Route papers, Route streams) {
        this.jobs = jobs;
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
                steering("pause", jobs::pause),
                steering("resume", jobs::resume),
                steering("cancel", jobs::cancel),
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
        Optional<JobKind> kind = parameters.oneOf("kind", JobKind.values(), GROWTHS);
        int most = parameters.number("limit", 1, JobPage.JOBS_MAX).orElse(PAGE_DEFAULT);
        Optional<String> fault = parameters.fault();
        if (fault.isPresent()) {
            return complete(Answers.badRequest(fault.get()));
        }
        JobQuery query = new JobQuery(phase, kind, most, parameters.text("cursor"));
        return Answers.of(
                jobs.list(query),
                reply ->
                        switch (reply) {
                            case ListReply.Page page -> Answers.ok(resource(page));
                            case ListReply.UnknownCursor unknown ->
                                    Answers.badRequest(
                                            "`cursor` is what the page before gave, or a job that"
                                                    + " is on the list");
                        });
    }

    private static JobPage resource(ListReply.Page page) {
        return new JobPage(
                page.jobs().stream().map(JobResource::of).toList(), page.cursor(), page.late());
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
                    return steered(jobs.rollBack(job, step.getAsInt()));
                });
    }

    private Route delete(String job) {
        return Answers.of(
                jobs.delete(job), _ -> HttpResponse.create().withStatus(StatusCodes.NO_CONTENT));
    }

    private Route steering(String verb, Function<String, CompletionStage<JobView>> asked) {
        return path(
                PathMatchers.segment().slash(verb),
                job -> post(() -> guard.allow(Role.SUBMIT, () -> steered(asked.apply(job)))));
    }

    private static Route steered(CompletionStage<JobView> asked) {
        return Answers.of(asked, view -> Answers.json(StatusCodes.ACCEPTED, JobResource.of(view)));
    }
}
