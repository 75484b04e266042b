package io.accrete.coordinator.http;

import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Location;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.unmarshalling.Unmarshaller;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.coordinator.job.Jobs;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobPage;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** {@code /jobs} and what is below it, but for streams. */
final class JobRoutes extends AllDirectives {
    private static final String KEY = "Idempotency-Key";
    private static final int KEY_LENGTH_MAX = 200;
    private static final int PAGE_DEFAULT = 50;

    private final Jobs jobs;
    private final Roots roots;
    private final ApiSettings settings;
    private final Guard guard;
    private final Route streams;

    JobRoutes(Jobs jobs, Roots roots, ApiSettings settings, Guard guard, Route streams) {
        this.jobs = jobs;
        this.roots = roots;
        this.settings = settings;
        this.guard = guard;
        this.streams = streams;
    }

    Route route() {
        return concat(
                pathEndOrSingleSlash(() -> concat(post(this::submit), get(this::list))),
                path(
                        PathMatchers.segment(),
                        job -> get(() -> guard.allow(Role.READ, () -> show(job)))),
                path(
                        PathMatchers.segment().slash("rollback"),
                        job ->
                                post(
                                        () ->
                                                guard.allow(
                                                        Role.SUBMIT,
                                                        () ->
                                                                parameterOptional(
                                                                        "step",
                                                                        step ->
                                                                                rollBack(
                                                                                        job,
                                                                                        step))))),
                path(
                        PathMatchers.segment().slash(PathMatchers.segment()),
                        (job, verb) ->
                                post(() -> guard.allow(Role.SUBMIT, () -> steer(job, verb)))),
                streams);
    }

    private Route submit() {
        return guard.allow(
                Role.SUBMIT,
                caller ->
                        optionalHeaderValueByName(
                                KEY,
                                key ->
                                        entity(
                                                Unmarshaller.entityToString(),
                                                body -> submit(body, key, caller))));
    }

    private Route submit(String body, Optional<String> key, Caller caller) {
        if (key.isPresent() && (key.get().isBlank() || key.get().length() > KEY_LENGTH_MAX)) {
            return complete(
                    Answers.problem(
                            StatusCodes.BAD_REQUEST,
                            "API-400",
                            "%s has 1 to %d characters".formatted(KEY, KEY_LENGTH_MAX)));
        }
        JobDocument document;
        try {
            document = ApiJson.readStrictly(body, JobDocument.class);
        } catch (JsonProcessingException e) {
            return complete(
                    Answers.problem(
                            StatusCodes.BAD_REQUEST,
                            "API-400",
                            "the body is no job: " + e.getOriginalMessage()));
        }
        String fault = document == null ? "the body is empty" : document.fault();
        if (document == null || fault != null) {
            return complete(
                    Answers.problem(StatusCodes.BAD_REQUEST, "API-400", String.valueOf(fault)));
        }
        Optional<Path> output = roots.resolve(String.valueOf(document.output()));
        if (output.isEmpty()) {
            return complete(
                    Answers.problem(
                            StatusCodes.FORBIDDEN,
                            "API-403",
                            "`output` does not lie under a folder that jobs may use; the server's"
                                    + " --root names them"));
        }
        JobSpec spec = document.spec(output.get(), roots.all());
        return Answers.of(
                jobs.submit(spec, key.orElseGet(() -> UUID.randomUUID().toString()), caller.name()),
                view ->
                        Answers.json(StatusCodes.CREATED, JobResource.of(view))
                                .addHeader(Location.create("/api/v1/jobs/" + view.id())));
    }

    private Route list() {
        return guard.allow(
                Role.READ,
                () ->
                        parameterOptional(
                                "state",
                                state ->
                                        parameterOptional(
                                                "limit",
                                                limit ->
                                                        parameterOptional(
                                                                "cursor",
                                                                cursor ->
                                                                        list(
                                                                                state, limit,
                                                                                cursor)))));
    }

    private Route list(Optional<String> state, Optional<String> limit, Optional<String> cursor) {
        Optional<JobPhase> phase = state.flatMap(JobRoutes::phase);
        int most = limit.map(JobRoutes::positive).orElse(PAGE_DEFAULT);
        if (state.isPresent() && phase.isEmpty()) {
            return complete(
                    Answers.problem(
                            StatusCodes.BAD_REQUEST,
                            "API-400",
                            "`state` is one of %s".formatted(List.of(JobPhase.values()))));
        }
        if (most < 1 || most > settings.pageMax()) {
            return complete(
                    Answers.problem(
                            StatusCodes.BAD_REQUEST,
                            "API-400",
                            "`limit` is a number from 1 to %d".formatted(settings.pageMax())));
        }
        return Answers.of(
                jobs.list(), views -> Answers.ok(page(views, phase, most, cursor.orElse(null))));
    }

    /** The newest first; a cursor is the id of the last job of the page before. */
    private static JobPage page(
            List<JobView> views, Optional<JobPhase> phase, int most, @Nullable String after) {
        List<JobView> all =
                views.stream()
                        .filter(view -> phase.isEmpty() || view.phase() == phase.get())
                        .sorted(
                                Comparator.comparing(JobView::created)
                                        .thenComparing(JobView::id)
                                        .reversed())
                        .toList();
        int from = 0;
        for (int i = 0; after != null && i < all.size(); i++) {
            if (all.get(i).id().equals(after)) {
                from = i + 1;
            }
        }
        List<JobView> some = all.subList(from, Math.min(all.size(), from + most));
        Optional<String> next =
                from + some.size() < all.size()
                        ? Optional.of(some.getLast().id())
                        : Optional.empty();
        return new JobPage(some.stream().map(JobResource::of).toList(), next);
    }

    private static Optional<JobPhase> phase(String name) {
        for (JobPhase phase : JobPhase.values()) {
            if (phase.name().equals(name.toUpperCase(Locale.ROOT))) {
                return Optional.of(phase);
            }
        }
        return Optional.empty();
    }

    private static int positive(String number) {
        try {
            return Integer.parseInt(number);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private Route show(String job) {
        return Answers.of(
                jobs.view(job),
                view ->
                        view.map(found -> Answers.ok(JobResource.of(found)))
                                .orElseGet(() -> Answers.noSuchJob(job)));
    }

    private Route rollBack(String job, Optional<String> step) {
        int number = step.map(JobRoutes::positive).orElse(-1);
        if (number < 0) {
            return complete(
                    Answers.problem(
                            StatusCodes.BAD_REQUEST,
                            "API-400",
                            "`step` is the number of a step that has a checkpoint, or 0"));
        }
        return Answers.of(
                jobs.rollBack(job, number),
                view -> Answers.json(StatusCodes.ACCEPTED, JobResource.of(view)));
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
                                "a job can be asked to pause, resume, cancel, rollback"));
            }
        }
        return Answers.of(
                steered, view -> Answers.json(StatusCodes.ACCEPTED, JobResource.of(view)));
    }
}
