package io.accrete.coordinator.drive;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

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
        return desk.report(new JobCommand.StartPublishing(), _ -> publication.advance());
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
            case ModelPublisher.Step.MovedAside _ ->
                    desk.report(new JobCommand.MoveReplaced(), _ -> advance());
            case ModelPublisher.Step.Published _ ->
                    desk.report(
                            new JobCommand.Finish(summary.get()),
                            _ -> desk.cleanUp(Behaviors::stopped));
            case ModelPublisher.Step.Blocked(String sentence) ->
                    desk.pause(ReasonCode.PUBLISH_FAILED, sentence);
        };
    }
}
