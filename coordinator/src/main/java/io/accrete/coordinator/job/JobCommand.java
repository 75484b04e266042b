package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.merge.MergePlan.OutputModel;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.TrainState;

import java.util.List;
import java.util.Optional;

/** What somebody wants of a job; its state decides. */
public sealed interface JobCommand {

    record Submit(String job, JobSpec spec) implements JobCommand {}

    record StartPlanning() implements JobCommand {}

    record AcceptPlan(
            String file,
            String sha256,
            String digest,
            OutputModel model,
            int shards,
            List<Problem> warnings)
            implements JobCommand {}

    record AcceptTraining(
            String file,
            String sha256,
            String digest,
            int steps,
            int stages,
            int keep,
            List<Problem> warnings)
            implements JobCommand {}

    /**
     * Go on with another plan of the same training, when it is resumed.
     *
     * @param spec what was asked for
     */
    record Recut(JobSpec spec, AcceptTraining plan) implements JobCommand {}

    /** The output already is what this job would publish. */
    record AdoptPublished(JobSummary summary) implements JobCommand {}

    record ReceiveShard(ShardReceipt receipt, String worker, Optional<String> numericClass)
            implements JobCommand {}

    record CommitCheckpoint(Checkpoint checkpoint, TrainState state, String numericClass)
            implements JobCommand {}

    /** Go on from the checkpoint of that step; later ones are void. */
    record RollBack(int step) implements JobCommand {}

    /** A step stood out: go back, and on in another way. */
    record Rewound(Rewind rewind) implements JobCommand {}

    /** A new coordinator, or a driver that lost its bearings, starts from what is on disk. */
    record StartRecovery(long term) implements JobCommand {}

    record TakeStock(List<Integer> lost, int kept, String reason) implements JobCommand {}

    record Pause(ReasonCode code, String reason) implements JobCommand {}

    record Resume(long term) implements JobCommand {}

    record StartPublishing() implements JobCommand {}

    record MoveReplaced() implements JobCommand {}

    record Finish(JobSummary summary) implements JobCommand {}

    record Fail(ReasonCode code, String reason, List<Problem> problems) implements JobCommand {}

    record Cancel() implements JobCommand {}

    record ConfirmCancelled() implements JobCommand {}

    /**
     * What people ask of a job.
     *
     * @param term of the coordinator that is asked
     */
    static JobCommand of(Directory.Verb verb, long term) {
        return switch (verb) {
            case PAUSE -> new Pause(ReasonCode.PAUSED_BY_USER, "paused; resume it to go on");
            case RESUME -> new Resume(term);
            case CANCEL -> new Cancel();
        };
    }
}
