package io.accrete.cli;

import io.accrete.coordinator.finetune.TrainPlanning;
import io.accrete.coordinator.finetune.TrainPlanning.Prepared;
import io.accrete.coordinator.train.JobReader;
import io.accrete.local.StopSignal;
import io.accrete.local.TrainRun;
import io.accrete.local.TrainRun.Outcome;
import io.accrete.local.TrainSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.PlannedTraining;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** {@code accrete train}: fine-tunes a model, and goes on where it was stopped. */
@Command(
        name = "train",
        description = {
            "Fine-tunes a model as a job file says, in a pipeline of stages on this machine.",
            "Stopped or killed, the same command goes on from the last checkpoint, with the same"
                    + " result."
        })
final class TrainCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(index = "0", paramLabel = "JOB", description = "a job file (YAML)")
    private String jobFile = "";

    @Parameters(index = "1", paramLabel = "OUT", description = "the folder to publish")
    private String out = "";

    @Mixin private ModelSearch models = new ModelSearch();
    @Mixin private StageOptions stages = new StageOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    TrainCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, Refusal {
        RecipeFile file = RecipeFile.read(surroundings, jobFile);
        Prepared prepared =
                TrainPlanning.prepare(
                        file.name(),
                        file.text(),
                        models.locator(surroundings),
                        stages.devices(JobReader.read(file.name(), file.text())));
        PlannedTraining planned =
                prepared.training()
                        .orElseThrow(
                                () ->
                                        new Refusal(
                                                PlanCommand.trainingExitCode(prepared.problems()),
                                                prepared.problems()));
        prepared.problems().forEach(problem -> surroundings.err().print(problem.render()));
        try (StopSignal stop = StopSignal.listen(surroundings.err()::println);
                TrainDisplay display = new TrainDisplay(surroundings, output)) {
            Outcome outcome =
                    TrainRun.run(
                            planned,
                            surroundings.resolve(out),
                            display,
                            stop,
                            "accrete " + Version.number());
            return exit(outcome, stop).code();
        }
    }

    private ExitCode exit(Outcome outcome, StopSignal stop) throws Refusal {
        return switch (outcome) {
            case Outcome.Refused(List<Problem> problems) ->
                    throw new Refusal(ExitCode.PLAN_REFUSED, problems);
            case Outcome.ThereAlready(String digest) -> {
                say("%s: this very training is there already; nothing to do".formatted(out));
                result("SUCCEEDED", digest);
                yield ExitCode.DONE;
            }
            case Outcome.Published(TrainSummary summary) -> {
                print(summary);
                yield ExitCode.DONE;
            }
            case Outcome.Interrupted() -> {
                stop.say();
                result("INTERRUPTED", null);
                yield ExitCode.INTERRUPTED;
            }
        };
    }

    private void print(TrainSummary summary) {
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "state", "SUCCEEDED",
                                    "output", surroundings.resolve(out).toString(),
                                    "steps", summary.steps(),
                                    "tokens", summary.tokens(),
                                    "loss", summary.loss(),
                                    "validation",
                                            JsonLines.object(
                                                    "before",
                                                    summary.validationBefore().orElse(null),
                                                    "after",
                                                    summary.validationAfter().orElse(null)),
                                    "tokens_per_second", summary.tokensPerSecond(),
                                    "recoveries", summary.recoveries(),
                                    "job", summary.job()));
            return;
        }
        say(
                String.format(
                        Locale.ROOT,
                        "%s: %d steps, %,d tokens, loss %.4f, %,.0f tokens/s",
                        out,
                        summary.steps(),
                        summary.tokens(),
                        summary.loss(),
                        summary.tokensPerSecond()));
        if (summary.validationBefore().isPresent() && summary.validationAfter().isPresent()) {
            say(
                    String.format(
                            Locale.ROOT,
                            "  validation loss %.4f before, %.4f after",
                            summary.validationBefore().get(),
                            summary.validationAfter().get()));
        }
    }

    private void say(String line) {
        if (!output.json()) {
            surroundings.out().println(line);
        }
    }

    private void result(String state, @Nullable String digest) {
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "state", state,
                                    "output", surroundings.resolve(out).toString(),
                                    "job", digest));
        }
    }
}
