package io.accrete.cli;

import io.accrete.local.MergeRun;
import io.accrete.local.RunOutcome;
import io.accrete.local.StopSignal;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.job.ReasonCode;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete merge}: what {@code mergekit-yaml RECIPE OUT} does, as a job on this machine. */
@Command(
        name = "merge",
        description = {
            "Does what `mergekit-yaml RECIPE OUT` does: same recipe, same tensors.",
            "It may be stopped or killed at any moment; the same command goes on where it was."
        })
final class MergeCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "RECIPE", description = "a recipe as mergekit takes it")
    private String recipe = "";

    @Parameters(paramLabel = "OUT", description = "folder to publish the model in")
    private String out = "";

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "shards that are written at the same time (default: one for each core, at"
                            + " most 4)")
    private int workers = MergeRun.defaultWorkers();

    @Mixin private RecipeOptions recipeOptions = new RecipeOptions();
    @Mixin private MergekitOptions mergekitOptions = new MergekitOptions();
    @Mixin private OutputOptions output = new OutputOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    MergeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, Refusal {
        if (workers < 1 || workers > MergeRun.WORKERS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--workers %d: from 1 to %d".formatted(workers, MergeRun.WORKERS_MAX));
        }
        mergekitOptions.apply(surroundings, output);
        RecipeFile file = RecipeFile.read(surroundings, recipe);
        JobSpec job =
                file.merge(surroundings.resolve(out), recipeOptions, surroundings.directory());
        try (StopSignal stop = StopSignal.listen(surroundings.err()::println)) {
            return run(job, stop).code();
        }
    }

    private ExitCode run(JobSpec job, StopSignal stop) throws IOException, InterruptedException {
        RunOutcome outcome;
        try (ProgressDisplay progress = new ProgressDisplay(surroundings, output)) {
            outcome = MergeRun.run(job, workers, progress, stop);
        }
        RunReport report = new RunReport(surroundings, output, out);
        return switch (outcome) {
            case RunOutcome.Refused(List<Problem> problems) -> report.refused(problems);
            case RunOutcome.Ended(String digest, JobView view) ->
                    view.result().orElse(null) instanceof MergeSummary summary
                            ? done(digest, view, summary)
                            : report.unfinished(digest, view);
            case RunOutcome.Interrupted(Optional<String> digest) ->
                    report.interrupted(stop, digest);
        };
    }

    private ExitCode done(String digest, JobView view, MergeSummary summary) {
        if (view.reasonCode().equals(ReasonCode.ALREADY_PUBLISHED.name())) {
            say("%s: this very merge is there already; nothing to do".formatted(out));
        } else {
            print(summary);
        }
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(summaryObject(view.phase().name(), digest, summary));
        }
        return ExitCode.DONE;
    }

    private void print(MergeSummary summary) {
        say(
                "%s: %s, %s, %s in %s%s"
                        .formatted(
                                out,
                                Quantity.of(summary.layers(), "layer"),
                                Quantity.of(summary.tensors(), "tensor"),
                                ByteCount.text(summary.bytes()),
                                Quantity.of(summary.shards(), "shard"),
                                summary.shardsResumed() == 0
                                        ? ""
                                        : ", %d of them from an earlier run"
                                                .formatted(summary.shardsResumed())));
        say(
                "  shared %s, copied %s, computed %s, in %s"
                        .formatted(
                                ByteCount.text(summary.bytesShared()),
                                ByteCount.text(summary.bytesCopied()),
                                ByteCount.text(summary.bytesComputed()),
                                ProgressMeter.seconds(summary.seconds())));
        say("  next: `accrete verify --forward %s` sends a text through it".formatted(out));
    }

    static Map<String, @Nullable Object> summaryObject(
            String state, String digest, MergeSummary summary) {
        return JsonLines.object(
                "state", state,
                "output", summary.output(),
                "layers", summary.layers(),
                "tensors", summary.tensors(),
                "parameters", summary.parameters(),
                "bytes", summary.bytes(),
                "shards", summary.shards(),
                "seconds", summary.seconds(),
                "bytes_shared", summary.bytesShared(),
                "bytes_copied", summary.bytesCopied(),
                "bytes_computed", summary.bytesComputed(),
                "shards_resumed", summary.shardsResumed(),
                "job", digest);
    }

    /** Text of the result: standard output is for it unless programs read that. */
    private void say(String line) {
        if (!output.quiet()) {
            (output.json() ? surroundings.err() : surroundings.out()).println(line);
        }
    }
}
