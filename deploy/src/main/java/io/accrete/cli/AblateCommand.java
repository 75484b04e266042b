package io.accrete.cli;

import io.accrete.coordinator.finetune.StageDevices;
import io.accrete.coordinator.finetune.TrainPlanning;
import io.accrete.coordinator.train.AblationReader;
import io.accrete.coordinator.train.AblationReader.Matrix;
import io.accrete.coordinator.train.AblationReader.Variant;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.TrainOutcome;
import io.accrete.local.RunOutcome;
import io.accrete.local.StopSignal;
import io.accrete.local.TrainRun;
import io.accrete.protocol.http.JobOptions;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.StageBudget;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;
import io.accrete.worker.tensor.PresentDevice;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete ablate}: variants of a training side by side. */
@Command(
        name = "ablate",
        description = {
            "Trains variants of a job one after the other, on the same text, and writes one table"
                    + " and one chart: OUT/report.html and OUT/ablation.json.",
            "MATRIX names a job file, what is other in each variant, and perhaps seeds. Stopped or"
                    + " killed, the same command goes on where it was.",
            "With --server or --context the variants are jobs of a server: their folders, and"
                    + " paths in the job, count from its root; table and chart come to OUT here."
        })
final class AblateCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(index = "0", paramLabel = "MATRIX", description = "what is varied (YAML)")
    private String matrixFile = "";

    @Parameters(index = "1", paramLabel = "OUT", description = "a folder for the results")
    private String out = "";

    @Mixin private ModelSearch models = new ModelSearch();
    @Mixin private StageOptions stages = new StageOptions();
    @Mixin private DeviceOptions deviceOptions = new DeviceOptions();
    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    AblateCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, Refusal, ServerException {
        RecipeFile file = RecipeFile.read(surroundings, matrixFile);
        Matrix matrix = AblationReader.read(file.name(), file.text());
        refuse(matrix.problems());
        RecipeFile job = RecipeFile.read(surroundings, matrix.job().orElseThrow());
        refuse(JobReader.read(job.name(), job.text()).problems());
        List<AblationRun> runs = runs(matrix, job.text());
        Path folder = surroundings.resolve(out);
        AblationResult result = new AblationResult(folder);
        ExitCode code = server.isGiven() ? remotely(runs, result) : here(runs, folder, result);
        if (code != ExitCode.DONE) {
            return code.code();
        }
        result.write();
        if (output.json()) {
            new JsonLines(surroundings.out()).write(result.json());
        } else if (!output.quiet()) {
            result.lines().forEach(surroundings.out()::println);
        }
        return ExitCode.DONE.code();
    }

    private ExitCode here(List<AblationRun> runs, Path folder, AblationResult result)
            throws IOException, InterruptedException, Refusal, ServerException {
        List<PresentDevice> devices = deviceOptions.present();
        AblationCheck.refuse(runs, run -> AblationCheck.Planned.of(preview(run, devices)));
        try (StopSignal stop = StopSignal.listen(surroundings.err()::println)) {
            for (AblationRun run : runs) {
                surroundings.err().println("variant " + run.folder());
                RunOutcome outcome = train(run, devices, folder, stop);
                if (!(outcome instanceof RunOutcome.Ended(_, JobView view))
                        || !(view.result().orElse(null) instanceof TrainSummary summary)) {
                    return unfinished(run, outcome, stop);
                }
                result.add(run, summary, AblationResult.metrics(folder.resolve(run.folder())));
            }
        }
        return ExitCode.DONE;
    }

    private ExitCode remotely(List<AblationRun> runs, AblationResult result)
            throws IOException, InterruptedException, Refusal, ServerException {
        deviceOptions.refuseForServer();
        JobOptions options =
                JobOptions.of(models.options(surroundings.directory(), false), stages.budget());
        try (RemoteJobs jobs = server.open(surroundings)) {
            RemoteAblation remote = new RemoteAblation(jobs, surroundings, output, out, options);
            AblationCheck.refuse(runs, remote::plan);
            return remote.train(runs, result::add);
        }
    }

    private static void refuse(List<Problem> problems) throws Refusal {
        if (problems.stream().anyMatch(Problem::isError)) {
            throw new Refusal(ExitCode.INVALID_INPUT, problems);
        }
    }

    private List<AblationRun> runs(Matrix matrix, String job) {
        List<AblationRun> runs = new ArrayList<>();
        for (Variant variant : matrix.variants()) {
            if (matrix.seeds().isEmpty()) {
                runs.add(
                        new AblationRun(
                                matrixFile,
                                variant,
                                Optional.empty(),
                                variant.text(job, Optional.empty())));
            }
            for (long seed : matrix.seeds()) {
                Optional<Long> own = Optional.of(seed);
                runs.add(new AblationRun(matrixFile, variant, own, variant.text(job, own)));
            }
        }
        return runs;
    }

    private TrainOutcome preview(AblationRun run, List<PresentDevice> devices) throws Refusal {
        return TrainPlanning.preview(
                run.name(),
                run.text(),
                models.locator(surroundings),
                StageDevices.of(budget(run, devices), run.name(), run.text()));
    }

    private StageBudget budget(AblationRun run, List<PresentDevice> devices) throws Refusal {
        return DeviceOptions.budget(
                devices, stages.budget(), new RecipeFile(run.name(), run.text()));
    }

    private RunOutcome train(
            AblationRun run, List<PresentDevice> devices, Path folder, StopSignal stop)
            throws IOException, InterruptedException, Refusal {
        MergeOptions options = models.options(surroundings.directory(), false);
        JobSpec spec =
                new JobSpec(
                        JobKind.TRAIN,
                        run.name(),
                        run.text(),
                        folder.resolve(run.folder()).toString(),
                        options,
                        budget(run, devices));
        try (TrainDisplay display = new TrainDisplay(surroundings, output)) {
            return TrainRun.run(spec, devices, display, stop);
        }
    }

    private ExitCode unfinished(AblationRun run, RunOutcome outcome, StopSignal stop) {
        RunReport report = new RunReport(surroundings, output, out + "/" + run.folder());
        return switch (outcome) {
            case RunOutcome.Refused(List<Problem> problems) -> report.refused(problems);
            case RunOutcome.Ended(String digest, JobView view) -> report.unfinished(digest, view);
            case RunOutcome.Interrupted(Optional<String> digest) ->
                    report.interrupted(stop, digest);
        };
    }
}
