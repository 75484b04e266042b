package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;

import java.util.Optional;

/**
 * Which jobs somebody wants to see: a page of them, the newest first.
 *
 * @param most how many
 * @param cursor of the page before, or a job: those that were submitted before it
 */
public record JobQuery(
        Optional<JobPhase> phase, Optional<JobKind> kind, int most, Optional<String> cursor) {

    /** The newest of all. */
    public static JobQuery newest(int most) {
        return new JobQuery(Optional.empty(), Optional.empty(), most, Optional.empty());
    }

    boolean matches(JobView view) {
        return phase.map(wanted -> wanted == view.phase()).orElse(true)
                && kind.map(wanted -> wanted == view.kind()).orElse(true);
    }
}
