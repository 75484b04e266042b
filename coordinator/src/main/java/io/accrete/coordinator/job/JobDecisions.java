package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.job.ReasonCode;

import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Which events a command means in a state: pure, and the only place that says no. */
final class JobDecisions {
    private static final int PROBLEMS_MAX = 200;

    private JobDecisions() {}

    static Decision<JobEvent> decide(JobState job, JobCommand command, Instant at) {
        return switch (command) {
            case JobCommand.Submit c -> again(job, c.spec());
            case JobCommand.StartPlanning c ->
                    allow(job, new JobEvent.PlanningStarted(at), "be planned");
            case JobCommand.AcceptPlan c ->
                    allow(
                            job,
                            new JobEvent.Planned(
                                    c.file(),
                                    c.sha256(),
                                    c.digest(),
                                    c.model(),
                                    c.shards(),
                                    bounded(c.warnings()),
                                    at),
                            "take a plan");
            case JobCommand.AcceptTraining c ->
                    allow(
                            job,
                            new JobEvent.TrainingPlanned(
                                    c.file(),
                                    c.sha256(),
                                    c.digest(),
                                    c.steps(),
                                    c.stages(),
                                    c.keep(),
                                    bounded(c.warnings()),
                                    at),
                            "take a plan");
            case JobCommand.Recut c -> recut(job, c, at);
            case JobCommand.CommitCheckpoint c -> commit(job, c, at);
            case JobCommand.RollBack c -> rollBack(job, c.step(), at);
            case JobCommand.Rewound c ->
                    allow(
                            job,
                            new JobEvent.RolledBack(c.rewind().to(), Optional.of(c.rewind()), at),
                            "go back");
            case JobCommand.AdoptPublished c -> adopt(job, c, at);
            case JobCommand.ReceiveShard c -> receive(job, c, at);
            case JobCommand.StartRecovery c ->
                    job.phase() == JobPhase.PAUSED
                            ? refuse(job, "recover by itself: resume it")
                            : allow(job, new JobEvent.RecoveryStarted(c.term(), at), "recover");
            case JobCommand.TakeStock c ->
                    allow(
                            job,
                            new JobEvent.StockTaken(c.lost(), c.kept(), c.reason(), at),
                            "take stock");
            case JobCommand.Pause c -> pause(job, c, at);
            case JobCommand.Resume c -> resume(job, c, at);
            case JobCommand.StartPublishing c -> publish(job, at);
            case JobCommand.MoveReplaced c ->
                    allow(job, new JobEvent.ReplacedModelMoved(at), "replace a model");
            case JobCommand.Finish c -> finish(job, c, at);
            case JobCommand.Fail c ->
                    allow(
                            job,
                            new JobEvent.Failed(c.code(), c.reason(), bounded(c.problems()), at),
                            "fail");
            case JobCommand.Cancel c ->
                    job.phase() == JobPhase.CANCELLING || job.phase() == JobPhase.CANCELLED
                            ? Decision.nothingNew()
                            : allow(job, new JobEvent.CancelRequested(at), "be cancelled");
            case JobCommand.ConfirmCancelled c ->
                    allow(job, new JobEvent.Cancelled(at), "be cancelled at once");
        };
    }

    /** A job is shown in one message between nodes, and in lists of them. */
    private static List<Problem> bounded(List<Problem> problems) {
        List<Problem> bounded =
                new ArrayList<>(
                        problems.stream().limit(PROBLEMS_MAX).map(Problem::shortened).toList());
        if (problems.size() > PROBLEMS_MAX) {
            Problem more =
                    Problem.error(
                            "PLN-060",
                            null,
                            "and %,d more".formatted(problems.size() - PROBLEMS_MAX),
                            "mend these first");
            boolean anError = problems.stream().anyMatch(Problem::isError);
            bounded.add(anError ? more : more.asWarning());
        }
        return bounded;
    }

    private static Decision<JobEvent> allow(JobState job, JobEvent event, String verb) {
        return PhaseTable.next(job.phase(), event).isPresent()
                ? Decision.accept(event)
                : refuse(job, verb);
    }

    private static Decision<JobEvent> refuse(JobState job, String verb) {
        return Decision.reject(
                "job %s is %s (%s): it cannot %s"
                        .formatted(job.id(), job.phase(), job.reason(), verb));
    }

    private static Decision<JobEvent> again(JobState job, JobSpec spec) {
        List<String> changes = changes(job.spec(), spec);
        if (changes.isEmpty()) {
            return Decision.nothingNew();
        }
        String what = String.join("; ", changes);
        // Whoever did not find the job by the output that it writes found it by its key.
        boolean byKey = job.phase().isTerminal() || !job.spec().output().equals(spec.output());
        return Decision.reject(
                byKey
                        ? ("this key was used for another request, that of job %s, begun %s, which"
                                        + " is %s: %s. Choose another key")
                                .formatted(job.id(), job.created(), job.phase(), what)
                        : ("%s: job %s, begun %s, is %s with another request: %s. It is not"
                               + " finished and writes here; give the first command again to finish"
                               + " it, cancel it, or choose another output")
                                .formatted(
                                        job.spec().output(),
                                        job.id(),
                                        job.created(),
                                        job.phase(),
                                        what));
    }

    private static List<String> changes(JobSpec then, JobSpec now) {
        List<String> changes = new ArrayList<>();
        if (then.kind() != now.kind()) {
            changes.add("it was a %s and is a %s".formatted(then.kind(), now.kind()));
        }
        if (!then.output().equals(now.output())) {
            changes.add("the output was %s".formatted(then.output()));
        }
        if (!then.recipe().equals(now.recipe())) {
            String what =
                    switch (now.kind()) {
                        case MERGE -> "recipe";
                        case TRAIN -> "job file";
                        case EXPORT -> "order";
                    };
            changes.add("the %s %s has another text".formatted(what, now.recipeFile()));
        }
        if (!then.stages().equals(now.stages())) {
            changes.add("the stages had %s and have %s".formatted(then.stages(), now.stages()));
        }
        for (RecordComponent option : MergeOptions.class.getRecordComponents()) {
            Object before = value(option, then.options());
            Object after = value(option, now.options());
            if (!Objects.equals(before, after)) {
                changes.add(
                        "option %s was %s and is %s".formatted(option.getName(), before, after));
            }
        }
        return changes;
    }

    private static Object value(RecordComponent option, MergeOptions options) {
        try {
            return option.getAccessor().invoke(options);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a public record without its accessor: " + option, e);
        }
    }

    /** What decides the result has to be the same; all else may have changed. */
    private static Decision<JobEvent> recut(JobState job, JobCommand.Recut command, Instant at) {
        TrainingState training = job.training().orElse(null);
        if (training == null || job.spec().kind() != JobKind.TRAIN) {
            return refuse(job, "be cut anew: it is no training, or has not begun");
        }
        JobSpec now = command.spec();
        JobSpec asBefore =
                new JobSpec(
                        now.kind(),
                        now.recipeFile(),
                        job.spec().recipe(),
                        now.output(),
                        now.options(),
                        job.spec().stages());
        boolean same = training.plan().digest().equals(command.plan().digest());
        if (!same || !changes(job.spec(), asBefore).isEmpty()) {
            return refuse(job, "be cut anew by what would end with another result");
        }
        boolean known =
                job.spec().equals(now) && training.plan().sha256().equals(command.plan().sha256());
        return known
                ? Decision.nothingNew()
                : allow(
                        job,
                        new JobEvent.TrainingRecut(
                                now,
                                command.plan().file(),
                                command.plan().sha256(),
                                command.plan().stages(),
                                command.plan().keep(),
                                bounded(command.plan().warnings()),
                                at),
                        "be cut anew: pause it first");
    }

    private static Decision<JobEvent> commit(
            JobState job, JobCommand.CommitCheckpoint command, Instant at) {
        int step = command.checkpoint().step();
        TrainingState training = job.training().orElse(null);
        if (training == null || step > training.plan().steps()) {
            return refuse(job, "take a checkpoint of step %d".formatted(step));
        }
        if (step <= training.done().step()) {
            return Decision.nothingNew();
        }
        return allow(
                job,
                new JobEvent.CheckpointCommitted(
                        command.checkpoint(), command.state(), command.numericClass(), at),
                "take a checkpoint");
    }

    private static Decision<JobEvent> rollBack(JobState job, int step, Instant at) {
        TrainingState training = job.training().orElse(null);
        if (training == null || job.spec().kind() != JobKind.TRAIN) {
            return refuse(job, "be rolled back: it is no training, or has not begun");
        }
        if (step != 0 && !training.checkpoints().containsKey(step)) {
            return Decision.reject(
                    "job %s has no checkpoint of step %d; it has those of steps %s, and 0 is the"
                                    .formatted(job.id(), step, training.checkpoints().keySet())
                            + " beginning");
        }
        return allow(job, new JobEvent.RolledBack(step, Optional.empty(), at), "be rolled back");
    }

    private static Decision<JobEvent> adopt(
            JobState job, JobCommand.AdoptPublished command, Instant at) {
        return job.phase() != JobPhase.PLANNING
                ? refuse(job, "adopt what is published")
                : Decision.accept(
                        new JobEvent.Succeeded(
                                ReasonCode.ALREADY_PUBLISHED,
                                job.spec().output() + " already is the result of this very job",
                                command.summary(),
                                at));
    }

    private static Decision<JobEvent> receive(
            JobState job, JobCommand.ReceiveShard command, Instant at) {
        int shard = command.receipt().shard();
        if (job.receipts().containsKey(shard)) {
            return Decision.nothingNew();
        }
        if (job.plan().isPresent() && shard >= job.plan().get().shards()) {
            return refuse(job, "take shard %d of its %d".formatted(shard, plannedShards(job)));
        }
        if (command.numericClass().isPresent()
                && job.numericClass().isPresent()
                && !job.numericClass().equals(command.numericClass())) {
            return refuse(
                    job,
                    "take shard %d, which was computed in numeric class %s; the others are of %s"
                            .formatted(
                                    shard, command.numericClass().get(), job.numericClass().get()));
        }
        return allow(
                job,
                new JobEvent.ShardReceived(
                        command.receipt(), command.worker(), command.numericClass(), at),
                "take a shard");
    }

    private static Decision<JobEvent> pause(JobState job, JobCommand.Pause command, Instant at) {
        if (job.phase() == JobPhase.PAUSED) {
            return Decision.nothingNew();
        }
        if (job.phase() == JobPhase.PUBLISHING && command.code() == ReasonCode.PAUSED_BY_USER) {
            return refuse(job, "be paused: it ends in a moment");
        }
        return allow(job, new JobEvent.Paused(command.code(), command.reason(), at), "be paused");
    }

    private static Decision<JobEvent> resume(JobState job, JobCommand.Resume command, Instant at) {
        return switch (job.phase()) {
            case PAUSED -> Decision.accept(new JobEvent.RecoveryStarted(command.term(), at));
            case RECOVERING, RUNNING -> Decision.nothingNew();
            case QUEUED, PLANNING, CANCELLING, PUBLISHING, SUCCEEDED, FAILED, CANCELLED ->
                    refuse(job, "be resumed");
        };
    }

    private static Decision<JobEvent> publish(JobState job, Instant at) {
        int missing = plannedShards(job) - job.receipts().size();
        if (job.training().isPresent()) {
            TrainingState training = job.training().get();
            int left = training.plan().steps() - training.done().step();
            return left > 0 && !training.done().over()
                    ? refuse(job, "be published without " + Quantity.of(left, "step"))
                    : allow(job, new JobEvent.PublishingStarted(at), "be published");
        }
        return missing > 0
                ? refuse(job, "be published without " + Quantity.of(missing, "shard"))
                : allow(job, new JobEvent.PublishingStarted(at), "be published");
    }

    private static Decision<JobEvent> finish(JobState job, JobCommand.Finish command, Instant at) {
        return job.phase() != JobPhase.PUBLISHING
                ? refuse(job, "succeed")
                : Decision.accept(
                        new JobEvent.Succeeded(
                                ReasonCode.PUBLISHED,
                                "published at " + job.spec().output(),
                                command.summary(),
                                at));
    }

    private static int plannedShards(JobState job) {
        return job.plan().map(JobEvent.Planned::shards).orElse(0);
    }
}
