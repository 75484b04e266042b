package io.accrete.coordinator.job;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JournalEvent;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.job.StageBudget;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.GuardState;
import io.accrete.protocol.train.PhaseState;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.TrainState;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One event of each kind, with every component filled. */
final class JournalExamples {
    static final Instant AT = Instant.parse("2026-11-25T12:34:56.789Z");
    static final MergeSummary SUMMARY =
            new MergeSummary("/models/out", 10, 93, 1_000, 2_000, 2, 1.5, 1, 2, 3, 1);
    static final ShardReceipt RECEIPT =
            new ShardReceipt(
                    1,
                    1_000,
                    "aa",
                    List.of(new ShardReceipt.TensorDigest(4, "bb")),
                    List.of(),
                    List.of(new ShardReceipt.NonFinite("model.norm.weight", 1, 2)),
                    new ShardReceipt.Moved(10, 20, 30));
    private static final Problem PROBLEM =
            new Problem(
                    Problem.Severity.WARNING, "RCP-014", "r.yml", 14, 20, "found", "fix", "  x: 1");

    private JournalExamples() {}

    static JobSpec spec() {
        return JobSpec.merge(
                "r.yml",
                "merge_method: passthrough",
                "/models/out",
                new MergeOptions(
                        MergeOptions.Layout.SHARED,
                        3_000,
                        /* strict */ true,
                        /* allowCrimes */ false,
                        /* truncateEmbeddings */ true,
                        /* allowNonFinite */ false,
                        /* scan */ true,
                        /* copyTokenizer */ false,
                        /* writeModelCard */ true,
                        /* precise */ false,
                        /* overwrite */ true,
                        /* digests */ false,
                        "/models",
                        List.of("/hub"),
                        List.of()));
    }

    static JobEvent.Planned planned() {
        return new JobEvent.Planned(
                "/models/.out.accrete/plan.json",
                "cc",
                "dd",
                new MergePlan.OutputModel(
                        "LlamaForCausalLM", "passthrough", "BF16", 10, 93, 1_000, 2_000),
                2,
                List.of(PROBLEM),
                AT);
    }

    static JobCommand.AcceptPlan acceptPlan() {
        JobEvent.Planned planned = planned();
        return new JobCommand.AcceptPlan(
                planned.file(),
                planned.sha256(),
                planned.digest(),
                planned.model(),
                planned.shards(),
                planned.warnings());
    }

    static JobEvent.ShardReceived received(int shard, String numericClass) {
        return new JobEvent.ShardReceived(
                new ShardReceipt(
                        shard,
                        RECEIPT.bytes(),
                        RECEIPT.headerSha256(),
                        RECEIPT.computed(),
                        RECEIPT.copied(),
                        RECEIPT.nonFinite(),
                        RECEIPT.moved()),
                "worker-1",
                Optional.of(numericClass),
                AT);
    }

    /** Those that have gained fields since version 0.1, with values in them. */
    static Map<String, JournalEvent> grown() {
        JobSpec spec = spec();
        MergeOptions options = spec.options();
        MergeOptions grown =
                new MergeOptions(
                        options.layout(),
                        options.outShardSize(),
                        options.strict(),
                        options.allowCrimes(),
                        options.truncateEmbeddings(),
                        options.allowNonFinite(),
                        options.scan(),
                        options.copyTokenizer(),
                        options.writeModelCard(),
                        options.precise(),
                        options.overwrite(),
                        /* digests */ true,
                        options.directory(),
                        options.models(),
                        List.of("/models"));
        JobSpec more = JobSpec.merge(spec.recipeFile(), spec.recipe(), spec.output(), grown);
        ShardReceipt receipt =
                new ShardReceipt(
                        RECEIPT.shard(),
                        RECEIPT.bytes(),
                        RECEIPT.headerSha256(),
                        RECEIPT.computed(),
                        List.of(new ShardReceipt.TensorDigest(5, "cc")),
                        RECEIPT.nonFinite(),
                        RECEIPT.moved());
        return Map.of(
                "submitted", new JobEvent.Submitted("j1", more, AT),
                "shard-received",
                        new JobEvent.ShardReceived(receipt, "worker-1", Optional.empty(), AT));
    }

    static JobEvent.TrainingPlanned trainingPlanned() {
        return new JobEvent.TrainingPlanned(
                "/models/.out.accrete/plan.json", "cc", "dd", 60, 2, 3, List.of(PROBLEM), AT);
    }

    static JobEvent.TrainingRecut recut() {
        return new JobEvent.TrainingRecut(
                training(),
                "/models/.out.accrete/cuts/plan-ee.json",
                "ee",
                3,
                2,
                List.of(PROBLEM),
                AT);
    }

    static JobEvent.CheckpointCommitted committed(int step) {
        return new JobEvent.CheckpointCommitted(
                new Checkpoint(
                        step,
                        "/models/.out.accrete/checkpoints/step-%d".formatted(step),
                        List.of(new CheckpointPart("stage-00000.safetensors", 10, "ee"))),
                new TrainState(
                        step,
                        8L * step,
                        99,
                        2.5,
                        1_000,
                        Optional.of(3.5),
                        Optional.empty(),
                        PhaseState.FIRST,
                        GuardState.NEW,
                        false,
                        Optional.empty()),
                "avx2",
                AT);
    }

    static JobSpec training() {
        return new JobSpec(
                JobKind.TRAIN,
                "job.yml",
                "model: base",
                "/models/out",
                spec().options(),
                new StageBudget(2, 3_000, 1e9));
    }

    /** Since it is known whose a job is. */
    static Map<String, JournalEvent> ofUsers() {
        return Map.of(
                "job-listed",
                new DirectoryEvent.JobListed(
                        "j1", "key", "/models/out", Optional.of("somebody"), Optional.empty(), AT));
    }

    /** Of trainings, which came with fields of their own. */
    static Map<String, JournalEvent> ofTrainings() {
        return Map.of(
                "submitted", new JobEvent.Submitted("j1", training(), AT),
                "succeeded",
                        new JobEvent.Succeeded(
                                ReasonCode.PUBLISHED,
                                "published at /models/out",
                                new TrainSummary(
                                        "/models/out",
                                        60,
                                        99,
                                        2.5,
                                        new TrainSummary.Validation(3.5, null),
                                        12.5,
                                        1,
                                        "dd",
                                        null),
                                AT));
    }

    /** Of servers whose list of jobs can be asked for one kind. */
    static Map<String, JournalEvent> ofKinds() {
        return Map.of(
                "job-listed",
                new DirectoryEvent.JobListed(
                        "j1",
                        "key",
                        "/models/out",
                        Optional.of("somebody"),
                        Optional.of(JobKind.TRAIN),
                        AT));
    }

    /** Of trainings that go back by themselves. */
    static Map<String, JournalEvent> ofGuards() {
        JobEvent.CheckpointCommitted committed = committed(20);
        GuardState guard =
                new GuardState(
                        List.of(2.5),
                        List.of(0.5),
                        new TreeMap<>(Map.of(GuardState.OUTSIDE, 0.25, 3, 0.125)),
                        0.5,
                        19,
                        2,
                        1,
                        Optional.of("step 19 was skipped"));
        return Map.of(
                "rolled-back", new JobEvent.RolledBack(20, Optional.of(rewind(20)), AT),
                "checkpoint-committed",
                        new JobEvent.CheckpointCommitted(
                                committed.checkpoint(),
                                committed.state().guarded(guard),
                                committed.numericClass(),
                                AT));
    }

    /** Of trainings that publish the best of their states. */
    static Map<String, JournalEvent> ofBest() {
        JobEvent.CheckpointCommitted committed = committed(20);
        return Map.of(
                "checkpoint-committed",
                        new JobEvent.CheckpointCommitted(
                                committed.checkpoint(),
                                committed.state().afterValidation(2.25, 0).asBest(),
                                committed.numericClass(),
                                AT),
                "succeeded",
                        new JobEvent.Succeeded(
                                ReasonCode.PUBLISHED,
                                "published at /models/out",
                                new TrainSummary(
                                        "/models/out",
                                        60,
                                        99,
                                        2.5,
                                        new TrainSummary.Validation(3.5, 2.75),
                                        12.5,
                                        1,
                                        "dd",
                                        20),
                                AT));
    }

    static Rewind rewind(int to) {
        return new Rewind(to, 25, Optional.of(200L), 0.5, 1, "step 25 leads back");
    }

    static Map<String, JournalEvent> all() {
        Map<String, JournalEvent> events = new TreeMap<>();
        events.put("training-planned", trainingPlanned());
        events.put("training-recut", recut());
        events.put("checkpoint-committed", committed(20));
        events.put("rolled-back", new JobEvent.RolledBack(20, Optional.empty(), AT));
        events.put("term-started", new DirectoryEvent.TermStarted(3, AT));
        events.put(
                "job-listed",
                new DirectoryEvent.JobListed(
                        "j1", "key", "/models/out", Optional.empty(), Optional.empty(), AT));
        events.put(
                "key-joined",
                new DirectoryEvent.KeyJoined("j1", "other key", Optional.of("somebody"), AT));
        events.put("job-closed", new DirectoryEvent.JobClosed("j1", JobPhase.SUCCEEDED, AT));
        events.put("job-deleted", new DirectoryEvent.JobDeleted("j1", AT));
        events.put("submitted", new JobEvent.Submitted("j1", spec(), AT));
        events.put("planning-started", new JobEvent.PlanningStarted(AT));
        events.put("planned", planned());
        events.put("shard-received", received(1, "avx2"));
        events.put("recovery-started", new JobEvent.RecoveryStarted(4, AT));
        events.put("stock-taken", new JobEvent.StockTaken(List.of(1), 7, "7 kept", AT));
        events.put("paused", new JobEvent.Paused(ReasonCode.DISK_FULL, "no room", AT));
        events.put("cancel-requested", new JobEvent.CancelRequested(AT));
        events.put("publishing-started", new JobEvent.PublishingStarted(AT));
        events.put("replaced-model-moved", new JobEvent.ReplacedModelMoved(AT));
        events.put(
                "succeeded",
                new JobEvent.Succeeded(ReasonCode.PUBLISHED, "published", SUMMARY, AT));
        events.put(
                "failed", new JobEvent.Failed(ReasonCode.NON_FINITE, "NaN", List.of(PROBLEM), AT));
        events.put("cancelled", new JobEvent.Cancelled(AT));
        return events;
    }
}
