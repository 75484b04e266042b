package io.accrete.cli;

import io.accrete.local.ExportRun;
import io.accrete.local.RunOutcome;
import io.accrete.local.StopSignal;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.remote.RemoteJobs;
import io.accrete.worker.tensor.PresentDevice;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;

/** {@code accrete export}: a checkpoint of a training as a plain model. */
@Command(
        name = "export",
        description = {
            "Publishes the weights of a checkpoint of a training as a plain model, while the"
                    + " training goes on, or is stopped.",
            "JOB is the OUT of `accrete train` or `grow` on this machine, or a job of a server, as"
                    + " `accrete jobs` lists it. `accrete show JOB` lists the steps that have a"
                    + " checkpoint."
        })
final class ExportCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(
            index = "0",
            paramLabel = "JOB",
            description = "the OUT of a training, or a job of a server")
    private String job = "";

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "the folder to publish; of a job of a server, on the server")
    private String out = "";

    @Option(
            names = "--step",
            paramLabel = "N",
            description = "one that has a checkpoint (default the latest)")
    private Optional<Integer> step = Optional.empty();

    @Option(names = "--overwrite", description = "replace the model that is at OUT")
    private boolean overwrite;

    @Option(
            names = "--watch",
            description = "of a job of a server: stay until the weights are published")
    private boolean watch;

    @Mixin private DeviceOptions deviceOptions = new DeviceOptions();
    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    ExportCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Path folder = surroundings.resolve(job);
        boolean here = !server.isNamed(surroundings) && ExportRun.isTraining(folder);
        return (here ? here(folder) : there()).code();
    }

    private OptionalInt chosen() {
        return step.map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }

    private ExitCode here(Path folder) throws IOException, InterruptedException, Refusal {
        List<PresentDevice> devices = deviceOptions.present();
        JobSpec spec =
                JobSpec.export(
                        folder.toString(),
                        chosen(),
                        surroundings.resolve(out).toString(),
                        MergeOptions.defaults(
                                surroundings.directory().toString(),
                                List.of(),
                                List.of(),
                                overwrite));
        try (StopSignal stop = StopSignal.listen(surroundings.err()::println)) {
            RunOutcome outcome = ExportRun.run(spec, devices, stop);
            RunReport report = new RunReport(surroundings, output, out);
            return switch (outcome) {
                case RunOutcome.Refused(List<Problem> problems) -> report.refused(problems);
                case RunOutcome.Ended(String digest, JobView view) ->
                        view.result().orElse(null) instanceof TrainSummary summary
                                ? done(view, summary)
                                : report.unfinished(digest, view);
                case RunOutcome.Interrupted(Optional<String> digest) ->
                        report.interrupted(stop, digest);
            };
        }
    }

    private ExitCode done(JobView view, TrainSummary summary) {
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "state", view.phase().name(),
                                    "output", summary.output(),
                                    "step", summary.steps(),
                                    "tokens", summary.tokens(),
                                    "loss", summary.loss(),
                                    "job", summary.job()));
        } else if (!output.quiet()) {
            boolean before = view.reasonCode().equals(ReasonCode.ALREADY_PUBLISHED.name());
            surroundings
                    .out()
                    .println(
                            String.format(
                                    Locale.ROOT,
                                    "%s: the weights after step %,d%s",
                                    out,
                                    summary.steps(),
                                    before ? " are there already; nothing to do" : ""));
        }
        return ExitCode.DONE;
    }

    private ExitCode there() throws Exception {
        deviceOptions.refuseForServer();
        String key = UUID.randomUUID().toString();
        try (RemoteJobs jobs = server.open(surroundings)) {
            JobResource export = jobs.export(job, chosen(), out, overwrite, key);
            if (watch) {
                return new JobWatch(jobs, surroundings, output).until(export.id());
            }
            new ServerAnswers(surroundings, output).print(export, JobText.line(export));
        }
        return ExitCode.DONE;
    }
}
