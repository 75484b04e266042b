package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.ModelPublisher;
import io.accrete.coordinator.drive.Publication;
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
                        desk.staging(),
                        desk.allowed(),
                        progress.plan().job(),
                        spec.options().overwrite());
    }

    /** All shards are there. */
    static Behavior<DriverInput> verify(
            Desk desk, MergeProgress progress, Optional<String> numericClass, String program) {
        PublishingPhase phase = new PublishingPhase(desk, progress);
        desk.later(
                () -> phase.complete(numericClass, program),
                phase::completed,
                failure -> desk.pauseFor(failure, "completing the result", 0));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    /** The job is in phase PUBLISHING. */
    static Behavior<DriverInput> advance(Desk desk, MergeProgress progress) {
        PublishingPhase phase = new PublishingPhase(desk, progress);
        return Publication.goOn(desk, phase.publisher, phase::summary);
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
        Provenance provenance =
                Provenance.of(spec, progress.plan(), progress.receipts(), numericClass, program);
        publisher.prepare(provenance.contents(progress.plan()));
        return Optional.empty();
    }

    private Behavior<DriverInput> completed(Optional<JobCommand.Fail> fault) {
        return fault.isPresent()
                ? desk.fail(fault.get())
                : Publication.begin(desk, publisher, this::summary);
    }

    private MergeSummary summary() {
        return MergeProgress.summary(
                progress.plan(),
                desk.staging().output().toString(),
                progress.moved(),
                desk.seconds(),
                progress.resumed());
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
