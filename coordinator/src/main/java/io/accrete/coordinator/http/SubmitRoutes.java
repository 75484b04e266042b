package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;

import io.accrete.coordinator.job.JobPlans;
import io.accrete.coordinator.job.Jobs;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.OutputName;
import io.accrete.protocol.job.Problem;

import scala.concurrent.duration.FiniteDuration;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** {@code POST /jobs}: a job is accepted, or tried out. */
final class SubmitRoutes extends AllDirectives {
    private static final String DRY = "dryRun";

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
                                List.of(DRY),
                                caller ->
                                        IdempotencyKey.read(
                                                key ->
                                                        parameterMap(
                                                                given ->
                                                                        read(
                                                                                new QueryReader(
                                                                                        given),
                                                                                key,
                                                                                caller)))));
    }

    private Route read(QueryReader parameters, String key, Caller caller) {
        boolean dry = parameters.flag(DRY);
        Optional<String> fault = parameters.fault();
        return fault.isPresent()
                ? complete(Answers.badRequest(fault.get()))
                : typed(type -> accept(type, dry, key, caller));
    }

    /** A type that cannot be understood stays among the headers. */
    private Route typed(Function<BodyType, Route> inner) {
        return optionalHeaderValueByName(
                "Content-Type",
                malformed ->
                        extractRequestEntity(
                                entity ->
                                        Optional.of(entity.getContentType().mediaType())
                                                .filter(_ -> malformed.isEmpty())
                                                .map(type -> type.mainType() + "/" + type.subType())
                                                .flatMap(BodyType::of)
                                                .map(inner)
                                                .orElseGet(() -> complete(otherType()))));
    }

    private static HttpResponse otherType() {
        return Answers.problem(
                StatusCodes.UNSUPPORTED_MEDIA_TYPE,
                "API-415",
                "a job is sent with `Content-Type: application/json` or `Content-Type:"
                        + " application/yaml`; curl says so with -H 'Content-Type:"
                        + " application/json'");
    }

    private Route accept(BodyType type, boolean dry, String key, Caller caller) {
        return extractStrictEntity(
                bodyTimeout, entity -> accept(body(type, entity), dry, key, caller));
    }

    private static JobBody body(BodyType type, HttpEntity.Strict entity) {
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
        return switch (type) {
            case JSON -> JobBody.ofJson(text);
            case YAML -> JobBody.ofYaml(text);
        };
    }

    private Route accept(JobBody body, boolean dry, String key, Caller caller) {
        if (body.document().isEmpty()) {
            return complete(
                    Answers.problem(
                            StatusCodes.BAD_REQUEST, "API-400", body.fault(), body.errors()));
        }
        JobDocument document = body.document().get();
        Optional<Path> output = roots.resolve(String.valueOf(document.output()));
        Optional<HttpResponse> refusal = refusal(output);
        if (refusal.isPresent()) {
            return complete(refusal.get());
        }
        JobSpec spec = document.spec(output.orElseThrow(), roots.all());
        return dry
                ? Answers.of(plans.tryOut(spec), SubmitRoutes::answer)
                : Answers.of(submit(spec, key, caller), Answers::created);
    }

    /**
     * Why there can be no job with such an output, if there can be none.
     *
     * @param output as {@link Roots} resolves it
     */
    static Optional<HttpResponse> refusal(Optional<Path> output) {
        return output.isEmpty()
                ? Optional.of(
                        Answers.problem(
                                StatusCodes.FORBIDDEN,
                                "API-403",
                                "`output` does not lie below a folder that jobs may use; the"
                                        + " server's --root names them; none of them is an output"
                                        + " itself, and none lies in its --state"))
                : OutputName.problem(output.get()).map(problem -> refused(List.of(problem)));
    }

    /** The job that another asks for comes first, so that it is done first. */
    private CompletionStage<JobView> submit(JobSpec spec, String key, Caller caller) {
        return plans.beforehand(spec)
                .map(
                        first ->
                                jobs.submit(first, Jobs.keyBeside(key), caller.name())
                                        .thenCompose(_ -> jobs.submit(spec, key, caller.name())))
                .orElseGet(() -> jobs.submit(spec, key, caller.name()));
    }

    private static HttpResponse answer(JobPlans.Trial trial) {
        if (trial.report().isPresent()) {
            return Answers.ok(trial.report().get());
        }
        return refused(trial.problems());
    }

    private static HttpResponse refused(List<Problem> problems) {
        List<Problem> errors = problems.stream().filter(Problem::isError).toList();
        return Answers.problem(
                StatusCodes.UNPROCESSABLE_CONTENT,
                "API-422",
                errors.size() == 1
                        ? "the job would be refused: " + errors.getFirst().message()
                        : "the job would be refused: %d errors".formatted(errors.size()),
                problems);
    }
}
