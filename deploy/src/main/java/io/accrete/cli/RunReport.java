package io.accrete.cli;

import io.accrete.local.StopSignal;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.tensor.PlainText;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/** Says why a job on this machine has no result. */
final class RunReport {
    private final Surroundings surroundings;
    private final OutputOptions output;
    private final String out;

    /**
     * @param out the output as it was asked for
     */
    RunReport(Surroundings surroundings, OutputOptions output, String out) {
        this.surroundings = surroundings;
        this.output = output;
        this.out = out;
    }

    ExitCode refused(List<Problem> problems) {
        problems.forEach(problem -> surroundings.err().print(problem.render()));
        result("FAILED", null, "the plan was refused", problems);
        return PlanCommand.exitCode(problems);
    }

    ExitCode interrupted(StopSignal stop, Optional<String> digest) {
        stop.say();
        result("INTERRUPTED", digest.orElse(null), "stopped by a signal", List.of());
        return ExitCode.INTERRUPTED;
    }

    ExitCode unfinished(String digest, JobView view) {
        List<Problem> errors = view.problems().stream().filter(Problem::isError).toList();
        errors.forEach(problem -> surroundings.err().print(problem.render()));
        boolean refused = view.reasonCode().equals(ReasonCode.PLAN_REFUSED.name());
        if (errors.isEmpty() || !refused) {
            surroundings
                    .err()
                    .printf(
                            "%s: %s [%s]%n",
                            view.phase(), PlainText.of(view.reason()), view.reasonCode());
        }
        result(view.phase().name(), digest, view.reason(), view.problems());
        return switch (view.phase()) {
            case CANCELLED -> ExitCode.CANCELLED;
            case FAILED -> refused ? PlanCommand.exitCode(view.problems()) : ExitCode.JOB_FAILED;
            // Paused, or ended by what has no code of its own: without a result it is not done.
            case QUEUED, PLANNING, RUNNING, RECOVERING, PAUSED, CANCELLING, PUBLISHING, SUCCEEDED ->
                    ExitCode.JOB_FAILED;
        };
    }

    private void result(
            String state, @Nullable String digest, String reason, List<Problem> problems) {
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "state", state,
                                    "output", surroundings.resolve(out).toString(),
                                    "reason", reason,
                                    "problems", problems,
                                    "job", digest));
        }
    }
}
