package io.accrete.protocol.job;

import java.time.Instant;
import java.util.Optional;

/** What happened to the list of jobs. */
public sealed interface DirectoryEvent extends JournalEvent {

    /** A coordinator took over; leases of earlier terms are void. */
    record TermStarted(long term, Instant at) implements DirectoryEvent {}

    /**
     * @param key idempotency key of its submission
     * @param output the folder that it alone may publish until it is closed
     * @param user who submitted it; earlier versions did not know
     * @param kind earlier versions did not say
     */
    record JobListed(
            String job,
            String key,
            String output,
            Optional<String> user,
            Optional<JobKind> kind,
            Instant at)
            implements DirectoryEvent {}

    /**
     * A submission under another key was found to ask for the same as a job that had not ended.
     *
     * @param user who submitted it
     */
    record KeyJoined(String job, String key, Optional<String> user, Instant at)
            implements DirectoryEvent {}

    /** The job is in a terminal phase. */
    record JobClosed(String job, JobPhase phase, Instant at) implements DirectoryEvent {}

    /** Somebody wants it off the list, after it had ended. */
    record JobDeleted(String job, Instant at) implements DirectoryEvent {}
}
