package io.accrete.coordinator.drive;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobState;
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** What the proof of a job came to, which its driver then follows. */
public sealed interface JobVerdict {

    record Refused(List<Problem> problems) implements JobVerdict {}

    /** The output already is the result. */
    record Adopted(JobSummary summary) implements JobVerdict {}

    /**
     * Its plan is written.
     *
     * @param accept journals the plan
     * @param then how the driver goes on once that is done
     */
    record Ready(JobCommand accept, Function<JobState, Behavior<DriverInput>> then)
            implements JobVerdict {}

    /**
     * @param noPlan what is said where nothing else was wrong
     */
    default Behavior<DriverInput> follow(Desk desk, String noPlan) {
        return switch (this) {
            case Refused(List<Problem> problems) ->
                    desk.fail(
                            new JobCommand.Fail(
                                    ReasonCode.PLAN_REFUSED, sentence(problems, noPlan), problems));
            case Adopted(JobSummary summary) ->
                    desk.report(new JobCommand.AdoptPublished(summary), _ -> Behaviors.stopped());
            case Ready(JobCommand accept, var then) -> desk.report(accept, then);
        };
    }

    /**
     * There is no verdict: what was to be read could not be.
     *
     * @param doing what failed
     */
    static Behavior<DriverInput> missing(Desk desk, String doing, Throwable failure) {
        ReasonCode code =
                failure instanceof IOException ? ReasonCode.PLAN_REFUSED : ReasonCode.INTERNAL;
        return desk.fail(
                new JobCommand.Fail(code, doing + ": " + Desk.sentence(failure), List.of()));
    }

    private static String sentence(List<Problem> problems, String noPlan) {
        List<Problem> errors = problems.stream().filter(Problem::isError).toList();
        return switch (errors.size()) {
            case 0 -> noPlan;
            case 1 -> errors.getFirst().message();
            default ->
                    "%d problems, the first: %s"
                            .formatted(errors.size(), errors.getFirst().message());
        };
    }
}
