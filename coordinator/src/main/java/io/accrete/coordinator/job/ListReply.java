package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobView;
import io.accrete.protocol.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/** The answer to a {@link JobQuery}. */
public sealed interface ListReply extends Wire {

    /**
     * @param jobs the newest first; there may be fewer than were asked for
     * @param cursor of the next page; empty on the last
     * @param late jobs that did not answer in time: in {@code jobs} as they were last seen, or not
     *     at all where they were not seen before
     */
    record Page(List<JobView> jobs, Optional<String> cursor, List<String> late)
            implements ListReply {
        /**
         * @param late absent where a node of before answers
         */
        public Page(List<JobView> jobs, Optional<String> cursor, @Nullable List<String> late) {
            this.jobs = List.copyOf(jobs);
            this.cursor = cursor;
            this.late = late == null ? List.of() : List.copyOf(late);
        }
    }

    /** Neither a number nor a job that is there. */
    record UnknownCursor(String cursor) implements ListReply {}
}
