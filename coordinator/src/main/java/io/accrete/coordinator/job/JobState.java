package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Progress;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.train.Rewind;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One job: the fold of its events.
 *
 * @param created when it was submitted
 * @param updated when its last event happened
 * @param plan once it is made
 * @param receipts of the shards that stand in the staging folder, by index
 * @param resumed how many of them an earlier run had finished
 * @param training of a training, once its plan is made
 */
public record JobState(
        String id,
        JobSpec spec,
        JobPhase phase,
        ReasonCode code,
        String reason,
        Instant created,
        Instant updated,
        Optional<JobEvent.Planned> plan,
        SortedMap<Integer, JobEvent.ShardReceived> receipts,
        int resumed,
        Optional<TrainingState> training,
        List<Problem> problems,
        Optional<JobSummary> result) {

    static JobState of(JobEvent.Submitted event) {
        return new JobState(
                event.job(),
                event.spec(),
                JobPhase.QUEUED,
                ReasonCode.SUBMITTED,
                "accepted",
                event.at(),
                event.at(),
                Optional.empty(),
                new TreeMap<>(),
                0,
                Optional.empty(),
                List.of(),
                Optional.empty());
    }

    /**
     * The state after an event; a job begins with its submission.
     *
     * @throws IllegalStateException if the event cannot follow
     */
    static JobState fold(Optional<JobState> before, JobEvent event) {
        return event instanceof JobEvent.Submitted submitted && before.isEmpty()
                ? of(submitted)
                : before.orElseThrow().apply(event);
    }

    /** The numeric class of what is computed already, if anything is. */
    public Optional<String> numericClass() {
        return receipts.values().stream()
                .flatMap(received -> received.numericClass().stream())
                .findFirst()
                .or(
                        () ->
                                training.flatMap(TrainingState::latest)
                                        .map(JobEvent.CheckpointCommitted::numericClass));
    }

    Decision<JobEvent> decide(JobCommand command, Instant at) {
        return JobDecisions.decide(this, command, at);
    }

    /**
     * @throws IllegalStateException if the event cannot follow, which {@link #decide} rules out
     */
    JobState apply(JobEvent event) {
        JobPhase next =
                PhaseTable.next(phase, event)
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "job %s is %s: no %s can follow"
                                                        .formatted(id, phase, event)));
        return switch (event) {
            case JobEvent.Submitted e -> throw new IllegalStateException("submitted twice: " + e);
            case JobEvent.PlanningStarted e ->
                    moved(next, ReasonCode.PLANNING_STARTED, provingSentence(), e);
            case JobEvent.Planned e -> planned(next, e);
            case JobEvent.TrainingPlanned e -> trainingPlanned(next, e);
            case JobEvent.ShardReceived e -> received(next, e);
            case JobEvent.TrainingRecut e -> recut(next, e);
            case JobEvent.CheckpointCommitted e ->
                    moved(next, code, reason, e).with(training.map(t -> t.committed(e)));
            case JobEvent.RolledBack e ->
                    moved(
                                    next,
                                    ReasonCode.ROLLED_BACK,
                                    e.rewind()
                                            .map(Rewind::reason)
                                            .orElse("rolled back to step " + e.step()),
                                    e)
                            .with(training.map(t -> t.rolledBack(e)));
            case JobEvent.RecoveryStarted e ->
                    moved(
                            next,
                            ReasonCode.TAKING_STOCK,
                            "what is there is compared with the journal",
                            e);
            case JobEvent.StockTaken e -> stockTaken(next, e);
            case JobEvent.Paused e ->
                    moved(next, e.code(), e.reason(), e)
                            .with(training.map(t -> t.paused(e.code())));
            case JobEvent.CancelRequested e ->
                    moved(
                            next,
                            ReasonCode.CANCELLED_BY_USER,
                            "cancelled; tasks in flight are called back",
                            e);
            case JobEvent.PublishingStarted e ->
                    moved(next, ReasonCode.VERIFIED, writtenSentence(), e);
            case JobEvent.ReplacedModelMoved e ->
                    moved(
                            next,
                            ReasonCode.REPLACED,
                            "the model that stood at the output was moved aside",
                            e);
            case JobEvent.Succeeded e -> succeeded(next, e);
            case JobEvent.Failed e -> failed(next, e);
            case JobEvent.Cancelled e ->
                    moved(next, ReasonCode.CANCELLED_BY_USER, "cancelled; nothing published", e);
        };
    }

    private String provingSentence() {
        return switch (spec.kind()) {
            case MERGE -> "the recipe is being proven";
            case TRAIN -> "the job file is being proven";
            case EXPORT -> "the checkpoint is being looked for";
        };
    }

    private String writtenSentence() {
        return switch (spec.kind()) {
            case MERGE -> "all shards are there and verified";
            case TRAIN -> "all steps are done and the weights are written";
            case EXPORT -> "the weights are written";
        };
    }

    /** As others see it, without what only the pool knows. */
    public JobView view() {
        long bytesDone = receipts.values().stream().mapToLong(r -> r.receipt().bytes()).sum();
        Progress progress =
                plan.map(
                                made ->
                                        new Progress(
                                                bytesDone,
                                                made.model().bytes(),
                                                receipts.size(),
                                                made.shards(),
                                                resumed))
                        .or(() -> training.map(JobState::steps))
                        .orElse(Progress.NONE);
        return new JobView(
                id,
                spec.kind(),
                phase,
                code.name(),
                reason,
                spec.output(),
                progress,
                List.of(),
                created,
                updated,
                problems,
                training.map(TrainingState::progress),
                result);
    }

    /** What is done of a training is done in steps. */
    private static Progress steps(TrainingState training) {
        int done = training.done().step();
        return new Progress(0, 0, done, training.plan().steps(), 0);
    }

    private JobState moved(JobPhase to, ReasonCode why, String sentence, JobEvent event) {
        return new JobState(
                id,
                spec,
                to,
                why,
                sentence,
                created,
                event.at(),
                plan,
                receipts,
                resumed,
                training,
                problems,
                result);
    }

    private JobState planned(JobPhase to, JobEvent.Planned event) {
        String sentence =
                "%s, %s to write"
                        .formatted(
                                Quantity.of(event.shards(), "shard"),
                                Quantity.of(event.model().bytes(), "byte"));
        return new JobState(
                id,
                spec,
                to,
                ReasonCode.PLANNED,
                sentence,
                created,
                event.at(),
                Optional.of(event),
                receipts,
                resumed,
                training,
                event.warnings(),
                result);
    }

    private JobState received(JobPhase to, JobEvent.ShardReceived event) {
        return withReceipts(
                moved(to, code, reason, event),
                received -> received.put(event.receipt().shard(), event),
                resumed);
    }

    private JobState stockTaken(JobPhase to, JobEvent.StockTaken event) {
        return withReceipts(
                        moved(to, ReasonCode.STOCK_TAKEN, event.reason(), event),
                        received -> received.keySet().removeAll(event.lost()),
                        event.kept())
                .with(training.map(t -> t.recovered(event.lost())));
    }

    private JobState trainingPlanned(JobPhase to, JobEvent.TrainingPlanned event) {
        String sentence =
                "%s on %s"
                        .formatted(
                                Quantity.of(event.steps(), "step"),
                                Quantity.of(event.stages(), "stage"));
        return moved(to, ReasonCode.PLANNED, sentence, event)
                .with(Optional.of(TrainingState.of(event)))
                .withProblems(event.warnings());
    }

    private JobState recut(JobPhase to, JobEvent.TrainingRecut event) {
        JobState moved = moved(to, code, reason, event);
        return new JobState(
                id,
                event.spec(),
                moved.phase,
                moved.code,
                moved.reason,
                created,
                moved.updated,
                plan,
                receipts,
                resumed,
                training.map(t -> t.recut(event)),
                event.warnings(),
                result);
    }

    private JobState with(Optional<TrainingState> changed) {
        return new JobState(
                id, spec, phase, code, reason, created, updated, plan, receipts, resumed, changed,
                problems, result);
    }

    private JobState withProblems(List<Problem> found) {
        return new JobState(
                id, spec, phase, code, reason, created, updated, plan, receipts, resumed, training,
                found, result);
    }

    private static JobState withReceipts(
            JobState state,
            Consumer<SortedMap<Integer, JobEvent.ShardReceived>> change,
            int resumed) {
        SortedMap<Integer, JobEvent.ShardReceived> receipts = new TreeMap<>(state.receipts);
        change.accept(receipts);
        return new JobState(
                state.id,
                state.spec,
                state.phase,
                state.code,
                state.reason,
                state.created,
                state.updated,
                state.plan,
                receipts,
                resumed,
                state.training,
                state.problems,
                state.result);
    }

    private JobState succeeded(JobPhase to, JobEvent.Succeeded event) {
        return new JobState(
                id,
                spec,
                to,
                event.code(),
                event.reason(),
                created,
                event.at(),
                plan,
                receipts,
                resumed,
                training,
                problems,
                Optional.of(event.summary()));
    }

    private JobState failed(JobPhase to, JobEvent.Failed event) {
        return new JobState(
                id,
                spec,
                to,
                event.code(),
                event.reason(),
                created,
                event.at(),
                plan,
                receipts,
                resumed,
                training,
                event.problems().isEmpty() ? problems : event.problems(),
                result);
    }
}
