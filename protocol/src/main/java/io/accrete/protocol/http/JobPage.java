package io.accrete.protocol.http;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/**
 * Some jobs, the newest first.
 *
 * @param cursor where the next page begins; empty on the last
 * @param late jobs of this page that did not answer in time: they are as they were last seen, or
 *     lack where they were not seen before
 */
public record JobPage(List<JobResource> jobs, Optional<String> cursor, List<String> late) {
    /** The bound on the jobs of a page. */
    public static final int JOBS_MAX = 500;

    /**
     * @param late absent where a server of before answers
     */
    public JobPage(List<JobResource> jobs, Optional<String> cursor, @Nullable List<String> late) {
        this.jobs = List.copyOf(jobs);
        this.cursor = cursor;
        this.late = late == null ? List.of() : List.copyOf(late);
    }
}
