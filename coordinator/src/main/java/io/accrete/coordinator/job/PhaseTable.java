package io.accrete.coordinator.job;

import static io.accrete.protocol.job.JobPhase.CANCELLED;
import static io.accrete.protocol.job.JobPhase.CANCELLING;
import static io.accrete.protocol.job.JobPhase.FAILED;
import static io.accrete.protocol.job.JobPhase.PAUSED;
import static io.accrete.protocol.job.JobPhase.PLANNING;
import static io.accrete.protocol.job.JobPhase.PUBLISHING;
import static io.accrete.protocol.job.JobPhase.QUEUED;
import static io.accrete.protocol.job.JobPhase.RECOVERING;
import static io.accrete.protocol.job.JobPhase.RUNNING;
import static io.accrete.protocol.job.JobPhase.SUCCEEDED;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;

import java.util.List;
import java.util.Optional;

/** Every move that a job may make; what is not here does not happen. */
public final class PhaseTable {

    /** One allowed move. */
    public record Row(JobPhase from, Class<? extends JobEvent> event, JobPhase to) {}

    private static final List<Row> ROWS =
            List.of(
                    new Row(QUEUED, JobEvent.PlanningStarted.class, PLANNING),
                    new Row(QUEUED, JobEvent.CancelRequested.class, CANCELLING),
                    new Row(PLANNING, JobEvent.Planned.class, RUNNING),
                    new Row(PLANNING, JobEvent.TrainingPlanned.class, RUNNING),
                    new Row(PLANNING, JobEvent.Succeeded.class, SUCCEEDED),
                    new Row(PLANNING, JobEvent.Failed.class, FAILED),
                    new Row(PLANNING, JobEvent.CancelRequested.class, CANCELLING),
                    new Row(RUNNING, JobEvent.ShardReceived.class, RUNNING),
                    new Row(RUNNING, JobEvent.CheckpointCommitted.class, RUNNING),
                    new Row(RUNNING, JobEvent.StockTaken.class, RUNNING),
                    new Row(RUNNING, JobEvent.RolledBack.class, RECOVERING),
                    new Row(RUNNING, JobEvent.RecoveryStarted.class, RECOVERING),
                    new Row(RUNNING, JobEvent.Paused.class, PAUSED),
                    new Row(RUNNING, JobEvent.PublishingStarted.class, PUBLISHING),
                    new Row(RUNNING, JobEvent.Failed.class, FAILED),
                    new Row(RUNNING, JobEvent.CancelRequested.class, CANCELLING),
                    new Row(RECOVERING, JobEvent.RecoveryStarted.class, RECOVERING),
                    new Row(RECOVERING, JobEvent.StockTaken.class, RUNNING),
                    new Row(RECOVERING, JobEvent.Paused.class, PAUSED),
                    new Row(RECOVERING, JobEvent.Failed.class, FAILED),
                    new Row(RECOVERING, JobEvent.CancelRequested.class, CANCELLING),
                    new Row(PAUSED, JobEvent.RecoveryStarted.class, RECOVERING),
                    new Row(PAUSED, JobEvent.RolledBack.class, PAUSED),
                    new Row(PAUSED, JobEvent.TrainingRecut.class, PAUSED),
                    new Row(PAUSED, JobEvent.CancelRequested.class, CANCELLING),
                    new Row(PUBLISHING, JobEvent.ReplacedModelMoved.class, PUBLISHING),
                    new Row(PUBLISHING, JobEvent.Paused.class, PAUSED),
                    new Row(PUBLISHING, JobEvent.Succeeded.class, SUCCEEDED),
                    new Row(CANCELLING, JobEvent.Cancelled.class, CANCELLED));

    private PhaseTable() {}

    public static List<Row> rows() {
        return ROWS;
    }

    static Optional<JobPhase> next(JobPhase from, JobEvent event) {
        return ROWS.stream()
                .filter(row -> row.from() == from && row.event().isInstance(event))
                .map(Row::to)
                .findFirst();
    }
}
