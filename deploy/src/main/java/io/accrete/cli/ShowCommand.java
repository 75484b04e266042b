package io.accrete.cli;

import io.accrete.protocol.http.JobResource;
import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.concurrent.Callable;

/** {@code accrete show}: one job of a server. */
@Command(name = "show", description = "Shows a job of a server as it is now.")
final class ShowCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "JOB", description = "as `accrete jobs` lists it")
    private String job = "";

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    ShowCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            JobResource found = jobs.show(job);
            new ServerAnswers(surroundings, output).print(found, JobText.details(found));
        }
        return ExitCode.DONE.code();
    }
}
