package io.accrete.cli;

import io.accrete.protocol.http.JobResource;
import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** {@code accrete rollback}: lets a training on a server go on from an earlier checkpoint. */
@Command(
        name = "rollback",
        description = {
            "Lets a training go on from an earlier checkpoint; later ones are void.",
            "`accrete show JOB` lists the steps that have one; 0 is the beginning."
        })
final class RollBackCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "JOB", description = "as `accrete jobs` lists it")
    private String job = "";

    @Option(
            names = "--step",
            paramLabel = "N",
            required = true,
            description = "one that has a checkpoint, or 0")
    private int step;

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    RollBackCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        if (step < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--step is 0 or more, and not " + step);
        }
        try (RemoteJobs jobs = server.open(surroundings)) {
            JobResource rolled = jobs.rollBack(job, step);
            new ServerAnswers(surroundings, output).print(rolled, JobText.line(rolled));
        }
        return ExitCode.DONE.code();
    }
}
