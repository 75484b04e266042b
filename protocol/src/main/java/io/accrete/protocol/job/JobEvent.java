package io.accrete.protocol.job;

import io.accrete.protocol.merge.MergePlan.OutputModel;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.TrainState;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What happened to one job: the only state of it. */
public sealed interface JobEvent extends JournalEvent {

    record Submitted(String job, JobSpec spec, Instant at) implements JobEvent {}

    record PlanningStarted(Instant at) implements JobEvent {}

    /**
     * The plan is a file beside the output; the event names it.
     *
     * @param digest of all that decides the result
     * @param sha256 of the file, in hex
     * @param shards number of tasks
     * @param warnings of the plan
     */
    record Planned(
            String file,
            String sha256,
            String digest,
            OutputModel model,
            int shards,
            List<Problem> warnings,
            Instant at)
            implements JobEvent {
        public Planned {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * A shard stands in the staging folder for good.
     *
     * @param numericClass of the worker, if it computed tensors of the shard
     */
    record ShardReceived(
            ShardReceipt receipt, String worker, Optional<String> numericClass, Instant at)
            implements JobEvent {}

    /**
     * The plan of a training is a file beside the output; the event names it.
     *
     * @param digest of all that decides the result
     * @param sha256 of the file, in hex
     * @param keep how many of the latest checkpoints stay on disk
     */
    record TrainingPlanned(
            String file,
            String sha256,
            String digest,
            int steps,
            int stages,
            int keep,
            List<Problem> warnings,
            Instant at)
            implements JobEvent {
        public TrainingPlanned {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * A training goes on over other stages, or with other checkpoints, from its last checkpoint:
     * its plan is another file, and what decides its result is the same.
     *
     * @param spec the job as it was asked for then
     * @param file of the plan
     * @param sha256 of the file, in hex
     * @param keep how many of the latest checkpoints stay on disk
     */
    record TrainingRecut(
            JobSpec spec,
            String file,
            String sha256,
            int stages,
            int keep,
            List<Problem> warnings,
            Instant at)
            implements JobEvent {
        public TrainingRecut {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * All parts of a checkpoint are on the disk: what was done until its step is done for good.
     *
     * @param numericClass of the stages that computed it
     */
    record CheckpointCommitted(
            Checkpoint checkpoint, TrainState state, String numericClass, Instant at)
            implements JobEvent {}

    /**
     * The training goes on from an earlier step: later checkpoints are void.
     *
     * @param rewind what is done in another way from then on; empty where a person asked for it
     */
    record RolledBack(int step, Optional<Rewind> rewind, Instant at) implements JobEvent {
        public RolledBack {
            rewind = Objects.requireNonNullElse(rewind, Optional.empty());
        }
    }

    /**
     * @param term of the coordinator that takes stock
     */
    record RecoveryStarted(long term, Instant at) implements JobEvent {}

    /**
     * @param lost shards that have a receipt but must be written again; steps of checkpoints that
     *     cannot be gone on from
     * @param kept number of shards, or checkpoints, that can
     */
    record StockTaken(List<Integer> lost, int kept, String reason, Instant at) implements JobEvent {
        public StockTaken {
            lost = List.copyOf(lost);
        }
    }

    record Paused(ReasonCode code, String reason, Instant at) implements JobEvent {}

    record CancelRequested(Instant at) implements JobEvent {}

    /** All that will be published is written, verified and durable. */
    record PublishingStarted(Instant at) implements JobEvent {}

    /** The model that stood at the output was moved into the staging folder. */
    record ReplacedModelMoved(Instant at) implements JobEvent {}

    record Succeeded(ReasonCode code, String reason, JobSummary summary, Instant at)
            implements JobEvent {}

    record Failed(ReasonCode code, String reason, List<Problem> problems, Instant at)
            implements JobEvent {
        public Failed {
            problems = List.copyOf(problems);
        }
    }

    record Cancelled(Instant at) implements JobEvent {}
}
