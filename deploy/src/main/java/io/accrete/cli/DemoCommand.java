package io.accrete.cli;

import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.coordinator.plan.PlanReport;
import io.accrete.local.MergeRun;
import io.accrete.local.RunOutcome;
import io.accrete.local.StopSignal;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.Site;
import io.accrete.tour.BaseModel;
import io.accrete.tour.RandomModel;
import io.accrete.tour.StoryWriter;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete demo}: the tour, over a small model that it makes itself. */
@Command(
        name = "demo",
        description = {
            "Grows a small model from 6 to 10 layers, shows the damage, and heals it, beside its"
                    + " base that reads the same text.",
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

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "of each training (default 150); 0: no training")
    private int steps = 150;

    @Option(
            names = "--kill",
            description =
                    "also train in a process that is killed half way and comes back: the same"
                            + " bytes")
    private boolean kill;

    @Option(names = "--seed", paramLabel = "N", description = "of the stories (default 7)")
    private long seed = 7;

    @Option(
            names = "--untrained",
            paramLabel = "DIR",
            hidden = true,
            description = "writes what the tour's base model is trained from, and nothing else")
    private @Nullable String untrained;

    @Mixin private OutputOptions output = new OutputOptions();

    DemoCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, Refusal {
        if (untrained != null) {
            writeUntrained(surroundings.resolve(untrained));
            return ExitCode.DONE.code();
        }
        Path place =
                folder == null
                        ? Files.createTempDirectory("accrete-demo")
                        : Files.createDirectories(surroundings.resolve(folder));
        BaseModel.write(place.resolve("base"));
        Files.writeString(place.resolve("grow.yml"), RECIPE);
        RecipeFile recipe = new RecipeFile("grow.yml", RECIPE);
        JobSpec job = recipe.merge(place.resolve("grown"), new RecipeOptions(), place);
        say("a model of %d layers: %s".formatted(LAYERS, place.resolve("base")));
        map(job);
        RunOutcome.Ended ended = merge(job);
        MergeSummary summary = (MergeSummary) ended.view().result().orElseThrow();
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
        List<HealingTour.Row> healed = ok && steps > 0 ? heal(place, job) : List.of();
        Optional<KillTour.Outcome> killed =
                kill && !healed.isEmpty()
                        ? Optional.of(
                                new KillTour(place, this::say)
                                        .run("healed.yml", "healed", Math.max(1, steps / 2)))
                        : Optional.empty();
        ok &= killed.map(KillTour.Outcome::same).orElse(true);
        say("");
        say("the result is a plain model folder: " + place.resolve("grown"));
        say("next: accrete inspect %s".formatted(place.resolve("grown")));
        say("      accrete merge %s OUT".formatted(place.resolve("grow.yml")));
        if (output.json()) {
            var result = MergeCommand.summaryObject("SUCCEEDED", ended.job(), summary);
            result.put("verified", ok);
            result.put("healing", healed.stream().map(DemoCommand::json).toList());
            killed.ifPresent(outcome -> result.put("kill", outcome));
            new JsonLines(surroundings.out()).write(result);
        }
        return (ok ? ExitCode.DONE : ExitCode.JOB_FAILED).code();
    }

    private List<HealingTour.Row> heal(Path place, JobSpec job) throws IOException, Refusal {
        say("");
        List<Site> sites = MergePlanning.plan(job).report().orElseThrow().sites();
        return new HealingTour(surroundings, place, steps, seed, output.quiet(), this::say)
                .run(sites);
    }

    private static Map<String, @Nullable Object> json(HealingTour.Row row) {
        return JsonLines.object(
                "name", row.name(),
                "model", row.folder(),
                "layers", row.layers(),
                "before", row.before(),
                "after", row.after());
    }

    private void writeUntrained(Path place) throws IOException {
        RandomModel.write(place.resolve("random"), LAYERS, seed);
        Files.writeString(place.resolve("stories.txt"), new StoryWriter(seed).write(30_000));
        Files.writeString(place.resolve("held-out.txt"), new StoryWriter(seed + 1).write(200));
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

    private RunOutcome.Ended merge(JobSpec job) throws IOException, InterruptedException, Refusal {
        try (StopSignal stop =
                        StopSignal.listen(
                                sentence -> surroundings.err().println("the demo was stopped"));
                ProgressDisplay progress = new ProgressDisplay(surroundings, output)) {
            return switch (MergeRun.run(job, MergeRun.defaultWorkers(), progress, stop)) {
                case RunOutcome.Ended ended when ended.view().result().isPresent() -> ended;
                case RunOutcome.Ended(String digest, JobView view) ->
                        throw new Refusal(ExitCode.JOB_FAILED, view.problems());
                case RunOutcome.Refused(List<Problem> problems) ->
                        throw new Refusal(ExitCode.PLAN_REFUSED, problems);
                case RunOutcome.Interrupted(Optional<String> digest) -> {
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
