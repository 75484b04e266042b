package io.accrete.coordinator.job;

import org.jspecify.annotations.Nullable;

/** Why something that was asked of {@link Jobs} did not happen; the message is for the asker. */
public final class JobsException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** What the asker may do about it. */
    public enum Kind {
        /** There is no such job. */
        MISSING,
        /** The job, or a bound, does not allow it. */
        REFUSED,
        /** The coordinator did not answer in time: ask again. */
        AWAY
    }

    private final Kind kind;

    public JobsException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public static JobsException noSuchJob(String job) {
        return new JobsException(Kind.MISSING, noJob(job), null);
    }

    /** The one sentence for it. */
    public static String noJob(String job) {
        return "there is no job '%s'; `accrete jobs`, or GET /api/v1/jobs, lists them"
                .formatted(job);
    }

    public Kind kind() {
        return kind;
    }
}
