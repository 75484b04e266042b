package io.accrete.coordinator.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.PathMatchers;
import akka.http.javadsl.server.Route;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

import io.accrete.coordinator.job.Jobs;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.TrainProgress;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** {@code POST /jobs/{id}/export}: a job that publishes the weights of a training's checkpoint. */
final class ExportRoutes extends AllDirectives {
    private static final String OUTPUT = "output";
    private static final String STEP = "step";
    private static final String OVERWRITE = "overwrite";

    private final Jobs jobs;
    private final Roots roots;
    private final Guard guard;

    ExportRoutes(Jobs jobs, Roots roots, Guard guard) {
        this.jobs = jobs;
        this.roots = roots;
        this.guard = guard;
    }

    /** What is asked for. */
    private record Order(OptionalInt step, Path output, boolean overwrite) {}

    Route route() {
        return path(
                PathMatchers.segment().slash("export"),
                job ->
                        post(
                                () ->
                                        guard.allow(
                                                Role.SUBMIT,
                                                List.of(OUTPUT, STEP, OVERWRITE),
                                                caller -> asked(job, caller))));
    }

    private Route asked(String job, Caller caller) {
        return IdempotencyKey.read(
                key -> parameterMap(given -> read(job, new QueryReader(given), key, caller)));
    }

    private Route read(String job, QueryReader parameters, String key, Caller caller) {
        OptionalInt step = parameters.number(STEP, 1, Integer.MAX_VALUE);
        boolean overwrite = parameters.flag(OVERWRITE);
        Optional<String> output = parameters.text(OUTPUT).filter(name -> !name.isBlank());
        Optional<String> fault = parameters.fault();
        if (fault.isPresent() || output.isEmpty()) {
            return complete(
                    Answers.badRequest(
                            fault.orElse("`output` is missing; it names the folder to publish")));
        }
        Optional<Path> folder = roots.resolve(output.get());
        Optional<HttpResponse> refusal = SubmitRoutes.refusal(folder);
        if (refusal.isPresent()) {
            return complete(refusal.get());
        }
        Order order = new Order(step, folder.orElseThrow(), overwrite);
        return Answers.then(
                jobs.view(job),
                view ->
                        view.map(found -> export(found, order, key, caller))
                                .orElseGet(() -> complete(Answers.noSuchJob(job))));
    }

    private Route export(JobView job, Order order, String key, Caller caller) {
        Optional<String> obstacle = obstacle(job, order.step());
        if (obstacle.isPresent()) {
            return complete(Answers.problem(StatusCodes.CONFLICT, "API-409", obstacle.get()));
        }
        return Answers.of(jobs.submit(spec(job, order), key, caller.name()), Answers::created);
    }

    /** Why there is nothing to export, as a sentence. */
    private static Optional<String> obstacle(JobView job, OptionalInt step) {
        if (job.kind() != JobKind.TRAIN) {
            return Optional.of("job %s is no training: it has no checkpoints".formatted(job.id()));
        }
        List<Integer> steps = job.training().map(TrainProgress::checkpoints).orElse(List.of());
        if (job.phase() == JobPhase.SUCCEEDED) {
            int last = job.training().map(TrainProgress::step).orElse(0);
            return step.isEmpty() || step.getAsInt() == last
                    ? Optional.empty()
                    : Optional.of(
                            "job %s has ended, and its checkpoints went with it: step %d, its last,"
                                            .formatted(job.id(), last)
                                    + " can be exported");
        }
        if (job.phase().isTerminal()) {
            return Optional.of(
                    "job %s is %s: its checkpoints went with it".formatted(job.id(), job.phase()));
        }
        if (steps.isEmpty()) {
            return Optional.of("job %s has no checkpoint yet".formatted(job.id()));
        }
        return step.isEmpty() || steps.contains(step.getAsInt())
                ? Optional.empty()
                : Optional.of(
                        "job %s has no checkpoint of step %d; it has those of %s"
                                .formatted(
                                        job.id(),
                                        step.getAsInt(),
                                        steps.stream()
                                                .map(String::valueOf)
                                                .collect(Collectors.joining(", ", "steps ", ""))));
    }

    /** What came of a training that has ended is a model as any other. */
    private JobSpec spec(JobView job, Order order) {
        MergeOptions options =
                MergeOptions.defaults(
                        roots.first().toString(),
                        List.of(),
                        roots.all().stream().map(Path::toString).toList(),
                        order.overwrite());
        String output = order.output().toString();
        if (job.phase() == JobPhase.SUCCEEDED) {
            return JobSpec.merge("export", copyRecipe(job.output()), output, options);
        }
        return JobSpec.export(job.output(), order.step(), output, options);
    }

    private static String copyRecipe(String model) {
        return "merge_method: passthrough\nmodels: [{model: \"%s\"}]\n"
                .formatted(new String(JsonStringEncoder.getInstance().quoteAsString(model)));
    }
}
