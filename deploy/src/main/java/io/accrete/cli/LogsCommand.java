package io.accrete.cli;

import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.concurrent.Callable;

/** {@code accrete logs}: what happened to a job. */
@Command(name = "logs", description = "Says what happened to a job of a server, from its journal.")
final class LogsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "JOB", description = "as `accrete jobs` lists it")
    private String job = "";

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    LogsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            ServerAnswers answers = new ServerAnswers(surroundings, output);
            jobs.log(job).forEach(news -> answers.print(news, JobText.line(news)));
        }
        return ExitCode.DONE.code();
    }
}
