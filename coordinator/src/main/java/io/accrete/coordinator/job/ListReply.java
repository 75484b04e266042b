package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobView;
import io.accrete.protocol.wire.Wire;

import java.util.List;
import java.util.Optional;

/** The answer to a {@link JobQuery}. */
public sealed interface ListReply extends Wire {

    /**
     * @param jobs the newest first; there may be fewer than were asked for
     * @param cursor of the next page; empty on the last
     */
    record Page(List<JobView> jobs, Optional<String> cursor) implements ListReply {
        public Page {
            jobs = List.copyOf(jobs);
        }
    }

    /** Neither a number nor a job that is there. */
    record UnknownCursor(String cursor) implements ListReply {}
}
