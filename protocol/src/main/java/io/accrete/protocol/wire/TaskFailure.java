package io.accrete.protocol.wire;

/** Why a worker could not do a task. */
public record TaskFailure(Kind kind, String message) {
    public enum Kind {
        /**
         * A source is not the file that the plan was made from. Ends the job if the coordinator
         * sees that too; else this worker gets no more of it.
         */
        SOURCE_CHANGED,
        /**
         * The target's file system is full. Tried on each of the others, then the job is paused: it
         * resumes after space was made.
         */
        DISK_FULL,
        /** This worker cannot do such tasks. Tried on each of the others, then given up. */
        UNABLE,
        /** Reading or writing failed. Tried again, elsewhere if possible. */
        IO,
        /** A fault of this program. Tried again a bounded number of times. */
        INTERNAL,
        /** Revoked, or the worker is leaving. Tried again at once. */
        ABANDONED
    }
}
