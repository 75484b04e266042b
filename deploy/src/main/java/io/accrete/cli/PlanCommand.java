package io.accrete.cli;

import io.accrete.coordinator.finetune.StageDevices;
import io.accrete.coordinator.finetune.TrainPlanning;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.TrainOutcome;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.StageBudget;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code accrete plan}: everything that is known before a weight moves. */
@Command(
        name = "plan",
        description = {
            "Shows what a recipe would make, or what a training job would take, and all that is"
                    + " wrong",
            "with it.",
            "Only headers are read; config.json and the index alone are enough."
        })
final class PlanCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "FILE", description = "a recipe or a training job")
    private String recipe = "";

    @Option(
            names = "--output",
            paramLabel = "OUT",
            description = "where the result would go: its file system decides what can be shared")
    private String out = "accrete-plan";

    @Mixin private RecipeOptions recipeOptions = new RecipeOptions();
    @Mixin private StageOptions stageOptions = new StageOptions();
    @Mixin private DeviceOptions deviceOptions = new DeviceOptions();
    @Mixin private MergekitOptions mergekitOptions = new MergekitOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    PlanCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Refusal {
        mergekitOptions.apply(surroundings, output);
        RecipeFile file = RecipeFile.read(surroundings, recipe);
        PlanOutcome outcome =
                MergePlanning.preview(
                        file.merge(
                                surroundings.resolve(out),
                                recipeOptions,
                                surroundings.directory()));
        // Asked only then: no job file is a recipe without errors, and a long text is read once.
        if (outcome.hasErrors() && JobReader.recognises(file.text())) {
            return training(file);
        }
        if (deviceOptions.isGiven()) {
            throw Refusal.of(
                    ExitCode.USAGE,
                    "CLU-109",
                    file.name(),
                    "--devices is for trainings: a merge is computed on the processor",
                    "leave it out");
        }
        PlanPrinter printer = new PlanPrinter(surroundings, output);
        printer.print(outcome.problems());
        outcome.report().ifPresent(printer::print);
        return (outcome.ok() ? ExitCode.DONE : exitCode(outcome.problems())).code();
    }

    private int training(RecipeFile file) throws Refusal {
        StageBudget budget =
                DeviceOptions.budget(deviceOptions.present(), stageOptions.budget(), file);
        TrainOutcome outcome =
                TrainPlanning.preview(
                        file.name(),
                        file.text(),
                        recipeOptions.locator(surroundings),
                        StageDevices.of(budget, file.name(), file.text()));
        PlanPrinter printer = new PlanPrinter(surroundings, output);
        printer.print(outcome.problems());
        outcome.report().ifPresent(printer::print);
        return (outcome.ok() ? ExitCode.DONE : exitCode(outcome.problems())).code();
    }

    /** A file that is wrong by itself is an invalid one; all else is a refused plan. */
    static ExitCode exitCode(List<Problem> problems) {
        return problems.stream().anyMatch(p -> p.isError() && isAboutTheFile(p.code()))
                ? ExitCode.INVALID_INPUT
                : ExitCode.PLAN_REFUSED;
    }

    /** Codes of job files from 100 on are about the model. */
    private static boolean isAboutTheFile(String code) {
        return code.startsWith("RCP-") || code.startsWith("TRN-0") || code.startsWith("DAT-");
    }
}
