package io.accrete.coordinator.drive;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.ReasonCode;

import java.util.function.Supplier;

/** Makes a result visible that is complete and durable, and ends its job. */
public final class Publication {
    private final Desk desk;
    private final ModelPublisher publisher;
    private final Supplier<JobSummary> summary;

    private Publication(Desk desk, ModelPublisher publisher, Supplier<JobSummary> summary) {
        this.desk = desk;
        this.publisher = publisher;
        this.summary = summary;
    }

    /** Journals that it begins. */
    public static Behavior<DriverInput> begin(
            Desk desk, ModelPublisher publisher, Supplier<JobSummary> summary) {
        Publication publication = new Publication(desk, publisher, summary);
        desk.report(new JobCommand.StartPublishing());
        return Behaviors.receiveMessage(
                message ->
                        isRecorded(message, JobCommand.StartPublishing.class)
                                ? publication.advance()
                                : desk.otherwise(message));
    }

    /** The job is in phase PUBLISHING. */
    public static Behavior<DriverInput> goOn(
            Desk desk, ModelPublisher publisher, Supplier<JobSummary> summary) {
        return new Publication(desk, publisher, summary).advance();
    }

    private Behavior<DriverInput> advance() {
        desk.later(
                publisher::advance,
                this::advanced,
                failure -> {
                    String sentence = "publishing failed: " + Desk.sentence(failure);
                    return desk.pause(ReasonCode.PUBLISH_FAILED, sentence);
                });
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Behavior<DriverInput> advanced(ModelPublisher.Step step) {
        return switch (step) {
            case ModelPublisher.Step.MovedAside moved -> {
                desk.report(new JobCommand.MoveReplaced());
                yield Behaviors.receiveMessage(
                        message ->
                                isRecorded(message, JobCommand.MoveReplaced.class)
                                        ? advance()
                                        : desk.otherwise(message));
            }
            case ModelPublisher.Step.Published published -> {
                desk.report(new JobCommand.Finish(summary.get()));
                yield Behaviors.receiveMessage(
                        message ->
                                isRecorded(message, JobCommand.Finish.class)
                                        ? desk.cleanUp(Behaviors::stopped)
                                        : desk.otherwise(message));
            }
            case ModelPublisher.Step.Blocked(String sentence) ->
                    desk.pause(ReasonCode.PUBLISH_FAILED, sentence);
        };
    }

    private static boolean isRecorded(DriverInput message, Class<? extends JobCommand> type) {
        return message instanceof DriverInput.FromJob(DriverMessage.Recorded(var command, var job))
                && type.isInstance(command);
    }
}
