package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.merge.ShardReceipt;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Verifies what workers wrote, completes it, and makes it visible. */
final class PublishingPhase {
    private static final String NON_FINITE = "FMT-301";
    private static final String UNVERIFIED = "INT-001";

    private final Desk desk;
    private final MergeProgress progress;
    private final ModelPublisher publisher;

    private PublishingPhase(Desk desk, MergeProgress progress) {
        this.desk = desk;
        this.progress = progress;
        JobSpec spec = desk.job().spec();
        this.publisher =
                new ModelPublisher(
                        desk.staging(), progress.plan().job(), spec.options().overwrite());
    }

    /** All shards are there. */
    static Behavior<MergeDriver.Message> verify(
            Desk desk, MergeProgress progress, Optional<String> numericClass, String program) {
        PublishingPhase phase = new PublishingPhase(desk, progress);
        desk.later(
                () -> phase.complete(numericClass, program),
                phase::completed,
                failure -> desk.pauseFor(failure, "completing the result", 0));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    /** The job is in phase PUBLISHING. */
    static Behavior<MergeDriver.Message> advance(Desk desk, MergeProgress progress) {
        return new PublishingPhase(desk, progress).advance();
    }

    /**
     * @return the reason not to publish, if there is one
     */
    private Optional<JobCommand.Fail> complete(Optional<String> numericClass, String program)
            throws IOException {
        JobSpec spec = desk.job().spec();
        List<ShardReceipt.NonFinite> nonFinite =
                progress.receipts().values().stream()
                        .flatMap(receipt -> receipt.nonFinite().stream())
                        .toList();
        if (!nonFinite.isEmpty() && !spec.options().allowNonFinite()) {
            return Optional.of(
                    new JobCommand.Fail(
                            ReasonCode.NON_FINITE,
                            "NaN or infinities in %s of the result, the first is `%s`"
                                    .formatted(
                                            Quantity.of(nonFinite.size(), "tensor"),
                                            nonFinite.getFirst().tensor()),
                            nonFinite.stream().map(PublishingPhase::problem).toList()));
        }
        List<String> faults =
                ModelVerifier.verify(progress.plan(), progress.receipts(), desk.staging().model());
        if (!faults.isEmpty()) {
            return Optional.of(
                    new JobCommand.Fail(
                            ReasonCode.VERIFICATION_FAILED,
                            "the result is not what was planned: " + faults.getFirst(),
                            faults.stream().map(PublishingPhase::unverified).toList()));
        }
        publisher.prepare(
                progress.plan(),
                Provenance.of(spec, progress.plan(), progress.receipts(), numericClass, program)
                        .json());
        return Optional.empty();
    }

    private Behavior<MergeDriver.Message> completed(Optional<JobCommand.Fail> fault) {
        if (fault.isPresent()) {
            return desk.fail(fault.get());
        }
        desk.report(new JobCommand.StartPublishing());
        return Behaviors.receiveMessage(
                message ->
                        isRecorded(message, JobCommand.StartPublishing.class)
                                ? advance()
                                : desk.otherwise(message));
    }

    private Behavior<MergeDriver.Message> advance() {
        desk.later(
                publisher::advance,
                this::advanced,
                failure -> {
                    String sentence = "publishing failed: " + Desk.sentence(failure);
                    return desk.pause(ReasonCode.PUBLISH_FAILED, sentence);
                });
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Behavior<MergeDriver.Message> advanced(ModelPublisher.Step step) {
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
                desk.report(new JobCommand.Finish(summary()));
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

    private MergeSummary summary() {
        return MergeProgress.summary(
                progress.plan(),
                desk.staging().output().toString(),
                progress.moved(),
                desk.seconds(),
                progress.resumed());
    }

    private static boolean isRecorded(
            MergeDriver.Message message, Class<? extends JobCommand> type) {
        return message instanceof MergeDriver.FromJob(DriverMessage.Recorded(var command, var job))
                && type.isInstance(command);
    }

    private static Problem problem(ShardReceipt.NonFinite tensor) {
        return new Problem(
                Problem.Severity.ERROR,
                NON_FINITE,
                null,
                null,
                null,
                "`%s` has %d NaN and %d infinite values"
                        .formatted(tensor.tensor(), tensor.nan(), tensor.infinite()),
                "look at the sources and the parameters, or publish it with --allow-nonfinite",
                null);
    }

    private static Problem unverified(String fault) {
        return new Problem(
                Problem.Severity.ERROR,
                UNVERIFIED,
                null,
                null,
                null,
                fault,
                "check the disk; run the command again",
                null);
    }
}
