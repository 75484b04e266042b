package io.accrete.cli;

import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobPage;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.Quantity;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete jobs}: the jobs of a server. */
@Command(name = "jobs", description = "Lists the jobs of a server, the newest first.")
final class JobsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "only those in this state: ${COMPLETION-CANDIDATES}")
    private Optional<JobPhase> state = Optional.empty();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "only those: ${COMPLETION-CANDIDATES}")
    private Optional<JobKind> kind = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "at most so many (default 50)")
    private int limit = 50;

    @Option(
            names = "--after",
            paramLabel = "JOB",
            description = "those that were submitted before this one, or what the page before said")
    private Optional<String> after = Optional.empty();

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    JobsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        if (limit < 1 || limit > JobPage.JOBS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--limit is a number from 1 to %d, and not %d"
                            .formatted(JobPage.JOBS_MAX, limit));
        }
        try (RemoteJobs jobs = server.open(surroundings)) {
            JobPage page =
                    jobs.list(state.map(JobPhase::name), kind.map(JobKind::name), limit, after);
            if (output.json()) {
                surroundings.out().println(ApiJson.write(page));
            } else {
                JobText.table(page.jobs()).forEach(surroundings.out()::println);
                if (!output.quiet()) {
                    sayWhoIsLate(page.late());
                    page.cursor().ifPresent(this::sayThatThereIsMore);
                }
            }
        } catch (ServerException e) {
            Refusal refusal = FailureReport.refusal(e);
            // What a request for a list has is options, whose bounds the server knows.
            throw refusal.exitCode() == ExitCode.INVALID_INPUT
                    ? new Refusal(ExitCode.USAGE, refusal.problems())
                    : refusal;
        }
        return ExitCode.DONE.code();
    }

    private void sayWhoIsLate(List<String> late) {
        if (!late.isEmpty()) {
            surroundings
                    .err()
                    .printf(
                            "%s did not answer in time: as last seen, or not shown: %s%n",
                            Quantity.of(late.size(), "job"), String.join(", ", late));
        }
    }

    private void sayThatThereIsMore(String next) {
        surroundings.err().printf("more with `--after %s`%n", next);
    }
}
