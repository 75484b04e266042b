package io.accrete.protocol.job;

/** What a job does. */
public enum JobKind {
    MERGE
}
