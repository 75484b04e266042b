package io.accrete.cli;

import io.accrete.protocol.job.WorkerView;
import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.concurrent.Callable;

/** {@code accrete drain}: no more tasks for a worker. */
@Command(
        name = "drain",
        description = {
            "Lets a worker finish what it has, and gives it no more.",
            "It works again when its process is started again."
        })
final class DrainCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "WORKER", description = "as `accrete workers` lists it")
    private String worker = "";

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    DrainCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            WorkerView drained = jobs.drain(worker);
            new ServerAnswers(surroundings, output).print(drained, JobText.line(drained));
        }
        return ExitCode.DONE.code();
    }
}
