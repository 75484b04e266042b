package io.accrete.protocol.job;

/** What a job does. */
public enum JobKind {
    /** Assembles a model from layers of others. */
    MERGE,
    /** Fine-tunes a model. */
    TRAIN,
    /** Publishes the weights of a checkpoint of a training. */
    EXPORT
}
