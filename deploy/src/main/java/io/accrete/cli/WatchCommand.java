package io.accrete.cli;

import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.concurrent.Callable;

/** {@code accrete watch}: what happens to a job, as it happens. */
@Command(
        name = "watch",
        description = {
            "Says what happened and happens to a job of a server, until it has ended.",
            "Comes back by itself when the connection breaks. Ctrl-C leaves the job alone."
        })
final class WatchCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "JOB", description = "as `accrete jobs` lists it")
    private String job = "";

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    WatchCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (Detachment detachment = Detachment.of(job, surroundings);
                RemoteJobs jobs = server.open(surroundings)) {
            return new JobWatch(jobs, surroundings, output).until(detachment).code();
        }
    }
}
