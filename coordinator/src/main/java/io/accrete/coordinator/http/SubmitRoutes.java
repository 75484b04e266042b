package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaType;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Location;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

import io.accrete.coordinator.job.JobPlans;
import io.accrete.coordinator.job.Jobs;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.Problem;

import scala.concurrent.duration.FiniteDuration;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** {@code POST /jobs}: a job is accepted, or tried out. */
final class SubmitRoutes extends AllDirectives {
    private static final String KEY = "Idempotency-Key";
    private static final int KEY_LENGTH_MAX = 200;

    private final Jobs jobs;
    private final JobPlans plans;
    private final Roots roots;
    private final Guard guard;
    private final FiniteDuration bodyTimeout;

    SubmitRoutes(Jobs jobs, JobPlans plans, Roots roots, Guard guard, FiniteDuration bodyTimeout) {
        this.jobs = jobs;
        this.plans = plans;
        this.roots = roots;
        this.guard = guard;
        this.bodyTimeout = bodyTimeout;
    }

    Route route() {
        return post(
                () ->
                        guard.allow(
                                Role.SUBMIT,
                                caller ->
                                        parameterMap(
                                                parameters ->
                                                        optionalHeaderValueByName(
                                                                KEY,
                                                                key ->
                                                                        read(
                                                                                new QueryReader(
                                                                                        parameters),
                                                                                key,
                                                                                caller)))));
    }

    private Route read(QueryReader parameters, Optional<String> key, Caller caller) {
        boolean dry = parameters.flag("dryRun");
        Optional<String> fault =
                parameters
                        .fault()
                        .or(
                                () ->
                                        key.filter(SubmitRoutes::isNoKey)
                                                .map(
                                                        _ ->
                                                                "%s has 1 to %d characters"
                                                                        .formatted(
                                                                                KEY,
                                                                                KEY_LENGTH_MAX)));
        return fault.isPresent()
                ? complete(Answers.badRequest(fault.get()))
                : extractStrictEntity(
                        bodyTimeout, entity -> accept(body(entity), dry, key, caller));
    }

    private static boolean isNoKey(String key) {
        return key.isBlank() || key.length() > KEY_LENGTH_MAX;
    }

    private static JobBody body(HttpEntity.Strict entity) {
        String text;
        try {
            text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(entity.getData().toArray()))
                            .toString();
        } catch (CharacterCodingException e) {
            return new JobBody(Optional.empty(), "the body is not text in UTF-8", List.of());
        }
        return isYaml(entity.getContentType().mediaType())
                ? JobBody.ofYaml(text)
                : JobBody.ofJson(text);
    }

    /** By any of the names that it has had. */
    private static boolean isYaml(MediaType type) {
        String name = type.subType().toLowerCase(Locale.ROOT);
        return name.equals("yaml") || name.equals("x-yaml") || name.endsWith("+yaml");
    }

    private Route accept(JobBody body, boolean dry, Optional<String> key, Caller caller) {
        if (body.document().isEmpty()) {
            return complete(
                    Answers.problem(
                            StatusCodes.BAD_REQUEST, "API-400", body.fault(), body.errors()));
        }
        JobDocument document = body.document().get();
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
        return dry
                ? Answers.of(plans.tryOut(spec), SubmitRoutes::answer)
                : Answers.of(
                        jobs.submit(
                                spec,
                                key.orElseGet(() -> UUID.randomUUID().toString()),
                                caller.name()),
                        view ->
                                Answers.json(StatusCodes.CREATED, JobResource.of(view))
                                        .addHeader(Location.create("/api/v1/jobs/" + view.id())));
    }

    private static HttpResponse answer(JobPlans.Trial trial) {
        if (trial.report().isPresent()) {
            return Answers.ok(trial.report().get());
        }
        List<Problem> errors = trial.problems().stream().filter(Problem::isError).toList();
        return Answers.problem(
                StatusCodes.UNPROCESSABLE_CONTENT,
                "API-422",
                errors.size() == 1
                        ? "the job would be refused: " + errors.getFirst().message()
                        : "the job would be refused: %d errors".formatted(errors.size()),
                trial.problems());
    }
}
