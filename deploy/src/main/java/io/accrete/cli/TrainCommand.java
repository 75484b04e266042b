package io.accrete.cli;

import io.accrete.coordinator.finetune.BaselineSpec;
import io.accrete.coordinator.finetune.FinishedBaseline;
import io.accrete.coordinator.train.JobReader;
import io.accrete.local.RunOutcome;
import io.accrete.local.StopSignal;
import io.accrete.local.TrainRun;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.worker.tensor.PresentDevice;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete train}: fine-tunes a model, and goes on where it was stopped. */
@Command(
        name = "train",
        description = {
            "Fine-tunes a model as a job file says, in a pipeline of stages on this machine.",
            "Stopped or killed, the same command goes on from the last checkpoint, with the same"
                    + " result."
        })
class TrainCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(index = "0", paramLabel = "JOB", description = "a job file (YAML)")
    private String jobFile = "";

    @Parameters(index = "1", paramLabel = "OUT", description = "the folder to publish")
    private String out = "";

    @Mixin private ModelSearch models = new ModelSearch();

    @Option(names = "--overwrite", description = "replace the model that is at OUT")
    private boolean overwrite;

    @Mixin private StageOptions stages = new StageOptions();
    @Mixin private DeviceOptions deviceOptions = new DeviceOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    TrainCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, Refusal {
        RecipeFile file = RecipeFile.read(surroundings, jobFile);
        refuseOtherKind(file);
        List<PresentDevice> devices = deviceOptions.present();
        JobSpec spec =
                new JobSpec(
                        JobKind.TRAIN,
                        file.name(),
                        file.text(),
                        surroundings.resolve(out).toString(),
                        options(),
                        DeviceOptions.budget(devices, stages.budget(), file));
        try (StopSignal stop = StopSignal.listen(surroundings.err()::println)) {
            Optional<JobSpec> first = BaselineSpec.beforehand(spec);
            Optional<TrainSummary> bar = Optional.empty();
            if (first.isPresent()) {
                String folder = BaselineSpec.output(Path.of(out)).toString();
                surroundings.err().println("first its base on the same text: " + folder);
                RunOutcome outcome = run(first.get(), devices, stop);
                bar = summary(outcome);
                if (bar.isEmpty()) {
                    return unfinished(outcome, folder, stop).code();
                }
            }
            RunOutcome outcome = run(spec, devices, stop);
            Optional<TrainSummary> summary = summary(outcome);
            if (summary.isEmpty()) {
                return unfinished(outcome, out, stop).code();
            }
            if (BaselineSpec.afterwards(spec, summary.get().steps()).isPresent()) {
                bar = FinishedBaseline.of(surroundings.resolve(out));
                if (bar.isEmpty()) {
                    new TrainDisplay(surroundings, output)
                            .note(
                                    "its base was not trained beside it: %s holds no result of as"
                                                    .formatted(BaselineSpec.output(Path.of(out)))
                                            + " many steps");
                }
            }
            return done(outcome, summary.get(), bar).code();
        }
    }

    /** Whether this command takes jobs that grow. */
    boolean grows() {
        return false;
    }

    private void refuseOtherKind(RecipeFile file) throws Refusal {
        Optional<Boolean> grown =
                JobReader.read(file.name(), file.text()).job().map(job -> job.grow().isPresent());
        if (grown.isPresent() && grown.get() != grows()) {
            throw new Refusal(
                    ExitCode.INVALID_INPUT,
                    List.of(
                            grows()
                                    ? Problem.error(
                                            "TRN-014",
                                            file.name(),
                                            "the job has no `grow`, so it does not say which sites"
                                                    + " are copied when",
                                            "add `grow: {rounds: [{after_site: 2}]}`, or run"
                                                    + " `accrete train`")
                                    : Problem.error(
                                            "TRN-014",
                                            file.name(),
                                            "the job has `grow`: it inserts layers in rounds",
                                            "run `accrete grow`, or remove the section")));
        }
    }

    private MergeOptions options() {
        return models.options(surroundings.directory(), overwrite);
    }

    private RunOutcome run(JobSpec spec, List<PresentDevice> devices, StopSignal stop)
            throws IOException, InterruptedException {
        try (TrainDisplay display = new TrainDisplay(surroundings, output)) {
            return TrainRun.run(spec, devices, display, stop);
        }
    }

    private static Optional<TrainSummary> summary(RunOutcome outcome) {
        return outcome instanceof RunOutcome.Ended(String digest, JobView view)
                        && view.result().orElse(null) instanceof TrainSummary summary
                ? Optional.of(summary)
                : Optional.empty();
    }

    private ExitCode unfinished(RunOutcome outcome, String folder, StopSignal stop) {
        RunReport report = new RunReport(surroundings, output, folder);
        return switch (outcome) {
            case RunOutcome.Refused(List<Problem> problems) -> report.refused(problems);
            case RunOutcome.Ended(String digest, JobView view) -> report.unfinished(digest, view);
            case RunOutcome.Interrupted(Optional<String> digest) ->
                    report.interrupted(stop, digest);
        };
    }

    private ExitCode done(RunOutcome outcome, TrainSummary summary, Optional<TrainSummary> bar)
            throws IOException {
        JobView view = ((RunOutcome.Ended) outcome).view();
        if (output.json()) {
            Map<String, @Nullable Object> result = summaryObject(view.phase().name(), summary);
            bar.ifPresent(base -> result.put("baseline", summaryObject("SUCCEEDED", base)));
            new JsonLines(surroundings.out()).write(result);
        } else if (view.reasonCode().equals(ReasonCode.ALREADY_PUBLISHED.name())) {
            say("%s: this very training is there already; nothing to do".formatted(out));
        } else {
            print(summary, bar);
            ExaminationText.lines(surroundings.resolve(out)).forEach(this::say);
        }
        return ExitCode.DONE;
    }

    private static Map<String, @Nullable Object> summaryObject(String state, TrainSummary summary) {
        return JsonLines.object(
                "state", state,
                "output", summary.output(),
                "steps", summary.steps(),
                "tokens", summary.tokens(),
                "loss", summary.loss(),
                "validation",
                        JsonLines.object(
                                "before", summary.validation().before(),
                                "after", summary.validation().after()),
                "tokens_per_second", summary.tokensPerSecond(),
                "recoveries", summary.recoveries(),
                "published_step", summary.publishedStep(),
                "job", summary.job());
    }

    private void print(TrainSummary summary, Optional<TrainSummary> bar) {
        say(
                String.format(
                        Locale.ROOT,
                        "%s: %d steps, %,d tokens, loss %s, %,.0f tokens/s",
                        out,
                        summary.steps(),
                        summary.tokens(),
                        text(summary.loss()),
                        summary.tokensPerSecond()));
        if (summary.validation().before() != null) {
            say(
                    "  validation loss %s before, %s after step %d"
                            .formatted(
                                    perplexed(summary.validation().before()),
                                    perplexed(summary.validation().after()),
                                    Objects.requireNonNullElse(
                                            summary.publishedStep(), summary.steps())));
        }
        bar.filter(base -> base.validation().before() != null)
                .ifPresent(
                        base ->
                                say(
                                        "  its base on the same text: %s before, %s after (the fair"
                                                        .formatted(
                                                                perplexed(
                                                                        base.validation().before()),
                                                                perplexed(
                                                                        base.validation().after()))
                                                + " bar)"));
        printPublished(summary);
    }

    /** Only where it is not the last. */
    private void printPublished(TrainSummary summary) {
        Integer step = summary.publishedStep();
        if (step != null && step != summary.steps()) {
            say("  published are the weights after step %d, the best of them".formatted(step));
        }
    }

    private static String text(@Nullable Double loss) {
        return loss == null ? "-" : String.format(Locale.ROOT, "%.4f", loss);
    }

    private static String perplexed(@Nullable Double loss) {
        return loss == null
                ? "-"
                : String.format(Locale.ROOT, "%.4f (perplexity %.2f)", loss, Math.exp(loss));
    }

    private void say(String line) {
        if (!output.quiet()) {
            surroundings.out().println(line);
        }
    }
}
