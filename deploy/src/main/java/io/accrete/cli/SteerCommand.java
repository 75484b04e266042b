package io.accrete.cli;

import io.accrete.protocol.http.JobResource;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.RemoteJobs.Verb;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.concurrent.Callable;

/** {@code accrete pause | resume | cancel}: asks something of a job on a server. */
@Command
final class SteerCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final Verb verb;

    @Parameters(paramLabel = "JOB", description = "as `accrete jobs` lists it")
    private String job = "";

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    SteerCommand(Surroundings surroundings, Verb verb) {
        this.surroundings = surroundings;
        this.verb = verb;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            JobResource steered = jobs.steer(job, verb);
            new ServerAnswers(surroundings, output).print(steered, JobText.line(steered));
        }
        return ExitCode.DONE.code();
    }
}
