package io.accrete.protocol.job;

/** Why a job is in its phase; programs may switch on the name, which never changes its meaning. */
public enum ReasonCode {
    /** It was accepted. */
    SUBMITTED,
    /** Its recipe is being proven. */
    PLANNING_STARTED,
    /** Its plan is made. */
    PLANNED,
    /** Its recipe, its sources or its output do not allow it; the problems say why. */
    PLAN_REFUSED,
    /** The output already is the result of this very job. */
    ALREADY_PUBLISHED,
    /** A new coordinator, or a resumed job, compares what is there with what was journaled. */
    TAKING_STOCK,
    /** What earlier runs finished is known. */
    STOCK_TAKEN,
    /** The training goes on from an earlier step. */
    ROLLED_BACK,
    /** A step of the training stood out, and its job says that a person is to look. */
    LOSS_SPIKE,
    /** Somebody asked for it. */
    PAUSED_BY_USER,
    /** There is no room for the rest of the output. */
    DISK_FULL,
    /** A source is not there any more, though it may come back. */
    SOURCE_MISSING,
    /** A source is not the file that the plan was made from. */
    SOURCE_CHANGED,
    /** A task failed as often as it may. */
    TASK_FAILED,
    /** The result has NaN or infinities, which were not allowed. */
    NON_FINITE,
    /** A shard on disk is not what the plan and its receipt say. */
    VERIFICATION_FAILED,
    /** All shards are there and verified. */
    VERIFIED,
    /** The model that stood at the output was moved aside. */
    REPLACED,
    /** The result could not be made visible. */
    PUBLISH_FAILED,
    /** The result stands at the output. */
    PUBLISHED,
    /** Somebody asked for it. */
    CANCELLED_BY_USER,
    /** A fault of this program. */
    INTERNAL
}
