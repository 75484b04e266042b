package io.accrete.cli;

import io.accrete.protocol.job.WorkerView;
import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code accrete workers}: who works for a server. */
@Command(name = "workers", description = "Lists the workers of a server, and what each is doing.")
final class WorkersCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    WorkersCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            List<WorkerView> workers = jobs.workers();
            new ServerAnswers(surroundings, output)
                    .print(
                            Map.of("workers", workers),
                            workers.isEmpty()
                                    ? List.of("no workers")
                                    : workers.stream().map(JobText::line).toList());
        }
        return ExitCode.DONE.code();
    }
}
