package io.accrete.protocol.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.time.Instant;

/**
 * What stands in the journal, under names that never change their meaning: a later version must
 * replay what an earlier one wrote. Components may be added, none may be removed.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DirectoryEvent.TermStarted.class, name = "term-started"),
    @JsonSubTypes.Type(value = DirectoryEvent.JobListed.class, name = "job-listed"),
    @JsonSubTypes.Type(value = DirectoryEvent.JobClosed.class, name = "job-closed"),
    @JsonSubTypes.Type(value = DirectoryEvent.KeyJoined.class, name = "key-joined"),
    @JsonSubTypes.Type(value = DirectoryEvent.JobDeleted.class, name = "job-deleted"),
    @JsonSubTypes.Type(value = JobEvent.Submitted.class, name = "submitted"),
    @JsonSubTypes.Type(value = JobEvent.PlanningStarted.class, name = "planning-started"),
    @JsonSubTypes.Type(value = JobEvent.Planned.class, name = "planned"),
    @JsonSubTypes.Type(value = JobEvent.ShardReceived.class, name = "shard-received"),
    @JsonSubTypes.Type(value = JobEvent.TrainingPlanned.class, name = "training-planned"),
    @JsonSubTypes.Type(value = JobEvent.TrainingRecut.class, name = "training-recut"),
    @JsonSubTypes.Type(value = JobEvent.CheckpointCommitted.class, name = "checkpoint-committed"),
    @JsonSubTypes.Type(value = JobEvent.RolledBack.class, name = "rolled-back"),
    @JsonSubTypes.Type(value = JobEvent.RecoveryStarted.class, name = "recovery-started"),
    @JsonSubTypes.Type(value = JobEvent.StockTaken.class, name = "stock-taken"),
    @JsonSubTypes.Type(value = JobEvent.Paused.class, name = "paused"),
    @JsonSubTypes.Type(value = JobEvent.CancelRequested.class, name = "cancel-requested"),
    @JsonSubTypes.Type(value = JobEvent.PublishingStarted.class, name = "publishing-started"),
    @JsonSubTypes.Type(value = JobEvent.ReplacedModelMoved.class, name = "replaced-model-moved"),
    @JsonSubTypes.Type(value = JobEvent.Succeeded.class, name = "succeeded"),
    @JsonSubTypes.Type(value = JobEvent.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = JobEvent.Cancelled.class, name = "cancelled")
})
public sealed interface JournalEvent permits DirectoryEvent, JobEvent {
    Instant at();
}
