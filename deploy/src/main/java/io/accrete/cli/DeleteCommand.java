package io.accrete.cli;

import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.Map;
import java.util.concurrent.Callable;

/** {@code accrete delete}: takes a job off the list of a server. */
@Command(
        name = "delete",
        description = {
            "Takes a job that has ended off the list of a server.",
            "What it published stays where it is."
        })
final class DeleteCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "JOB", description = "as `accrete jobs` lists it")
    private String job = "";

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    DeleteCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            jobs.delete(job);
            new ServerAnswers(surroundings, output)
                    .print(Map.of("deleted", job), job + ": deleted");
        }
        return ExitCode.DONE.code();
    }
}
