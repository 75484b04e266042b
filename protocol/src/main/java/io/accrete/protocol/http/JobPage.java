package io.accrete.protocol.http;

import java.util.List;
import java.util.Optional;

/**
 * Some jobs, the newest first.
 *
 * @param cursor where the next page begins; empty on the last
 */
public record JobPage(List<JobResource> jobs, Optional<String> cursor) {
    public JobPage {
        jobs = List.copyOf(jobs);
    }
}
