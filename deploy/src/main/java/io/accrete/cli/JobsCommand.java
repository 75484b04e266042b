package io.accrete.cli;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobPage;
import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete jobs}: the jobs of a server. */
@Command(name = "jobs", description = "Lists the jobs of a server, the newest first.")
final class JobsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(names = "--state", paramLabel = "STATE", description = "only those in this state")
    private Optional<String> state = Optional.empty();

    @Option(names = "--kind", paramLabel = "KIND", description = "only those: merge or train")
    private Optional<String> kind = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "at most so many (default 50)")
    private int limit = 50;

    @Option(
            names = "--after",
            paramLabel = "JOB",
            description = "those that were submitted before this one, or what the page before said")
    private Optional<String> after = Optional.empty();

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    JobsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            JobPage page = jobs.list(state, kind, limit, after);
            if (output.json()) {
                surroundings.out().println(ApiJson.write(page));
            } else {
                JobText.table(page.jobs()).forEach(surroundings.out()::println);
                page.cursor()
                        .ifPresent(
                                next ->
                                        surroundings
                                                .err()
                                                .printf("more with `--after %s`%n", next));
            }
        }
        return ExitCode.DONE.code();
    }
}
