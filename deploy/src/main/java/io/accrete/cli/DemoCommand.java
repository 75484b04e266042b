package io.accrete.cli;

import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.coordinator.plan.PlanReport;
import io.accrete.local.MergeRun;
import io.accrete.local.MergeRun.Outcome;
import io.accrete.local.StopSignal;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete demo}: the tour, over a small model that it makes itself. */
@Command(
        name = "demo",
        description = {
            "Makes a small model from a seed, grows it from 6 to 10 layers, and verifies the"
                    + " result.",
            "Nothing is downloaded."
        })
final class DemoCommand implements Callable<Integer> {
    private static final int LAYERS = 6;
    private static final String RECIPE =
            """
            # Layers 2 and 3 are doubled, twice: 6 layers become 10.
            merge_method: passthrough
            slices:
              - sources: [{model: base, layer_range: [0, 4]}]
              - sources: [{model: base, layer_range: [2, 4]}]
              - sources: [{model: base, layer_range: [2, 6]}]
            """;

    private final Surroundings surroundings;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "where to work (default: a new folder for temporary files)")
    private @Nullable String folder;

    @Option(names = "--seed", paramLabel = "N", description = "of the model (default 7)")
    private long seed = 7;

    @Mixin private OutputOptions output = new OutputOptions();

    DemoCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, Refusal {
        Path place =
                folder == null
                        ? Files.createTempDirectory("accrete-demo")
                        : Files.createDirectories(surroundings.resolve(folder));
        DemoModel.write(place.resolve("base"), LAYERS, seed);
        Files.writeString(place.resolve("grow.yml"), RECIPE);
        RecipeFile recipe = new RecipeFile("grow.yml", RECIPE);
        JobSpec job = recipe.merge(place.resolve("grown"), RecipeOptions.withoutTokenizer(), place);
        say("made a model of %d layers in %s".formatted(LAYERS, place.resolve("base")));
        map(job);
        Outcome.Ended ended = merge(job);
        MergeSummary summary = ended.view().result().orElseThrow();
        Verification verification = verify(place.resolve("grown"));
        boolean ok = verification.problems().isEmpty();
        say(
                "merged in %s: %d layers, %d tensors, %s"
                        .formatted(
                                ProgressMeter.seconds(summary.seconds()),
                                summary.layers(),
                                summary.tensors(),
                                ByteCount.text(summary.bytes())));
        say(
                "verified: %d tensors agree with %s"
                        .formatted(verification.compared(), "the model that they come from"));
        say("");
        say("the result is a plain model folder: " + place.resolve("grown"));
        say("next: accrete inspect %s".formatted(place.resolve("grown")));
        say("      accrete merge %s OUT".formatted(place.resolve("grow.yml")));
        if (output.json()) {
            var result = MergeCommand.summaryObject("SUCCEEDED", ended.job(), summary);
            result.put("verified", ok);
            new JsonLines(surroundings.out()).write(result);
        }
        return (ok ? ExitCode.DONE : ExitCode.JOB_FAILED).code();
    }

    private void map(JobSpec job) {
        PlanOutcome outcome = MergePlanning.plan(job);
        Optional<PlanReport> report = outcome.report();
        report.ifPresent(
                plan ->
                        LayerMap.draw(plan.sites(), surroundings.outHasColour())
                                .forEach(this::say));
        say("");
    }

    private Outcome.Ended merge(JobSpec job) throws IOException, InterruptedException, Refusal {
        try (StopSignal stop =
                        StopSignal.listen(
                                sentence -> surroundings.err().println("the demo was stopped"));
                ProgressDisplay progress = new ProgressDisplay(surroundings, output)) {
            return switch (MergeRun.run(job, MergeRun.defaultWorkers(), progress, stop)) {
                case Outcome.Ended ended when ended.view().result().isPresent() -> ended;
                case Outcome.Ended(String digest, JobView view) ->
                        throw new Refusal(ExitCode.JOB_FAILED, view.problems());
                case Outcome.Refused(List<Problem> problems) ->
                        throw new Refusal(ExitCode.PLAN_REFUSED, problems);
                case Outcome.Interrupted(Optional<String> digest) -> {
                    stop.say();
                    throw new Refusal(ExitCode.INTERRUPTED, List.of());
                }
            };
        }
    }

    private static Verification verify(Path model) throws IOException, Refusal {
        Verification verification = new Verification(ModelContents.open(model));
        Receipts receipts = Receipts.of(model).orElseThrow();
        verification.headers(receipts);
        verification.values(receipts);
        return verification;
    }

    private void say(String line) {
        if (!output.quiet()) {
            (output.json() ? surroundings.err() : surroundings.out()).println(line);
        }
    }
}
