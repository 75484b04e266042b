package io.accrete.coordinator.finetune;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.TaskFailure;

import java.util.List;
import java.util.Optional;

/** What has gone wrong with the stages of a training since its last checkpoint. */
final class Troubles {
    /** Failures between two checkpoints. */
    private static final int ATTEMPTS_MAX = 3;

    private int failures;
    private Optional<String> loss = Optional.empty();

    private Breach breach = Breach.NONE;

    /** The stages begin anew. */
    void begin() {
        loss = Optional.empty();
    }

    /** There is another checkpoint. */
    void forget() {
        failures = 0;
    }

    void lost(String why) {
        loss = Optional.of(why);
    }

    /**
     * @param what follows from it
     */
    String ofLoss(String what) {
        return loss.orElse("a worker was lost") + what;
    }

    /**
     * An edge broke.
     *
     * @param first whether nobody has said so before
     * @param gone leases of those whose processes are known to have ended
     * @return what is to be done
     */
    List<CourseEffect> broke(boolean first, String why, List<Epoch> gone, long now) {
        if (!first && gone.isEmpty()) {
            return List.of();
        }
        breach = new Breach(why, now);
        return List.of(new CourseEffect.Suspect(gone));
    }

    /** Whether it would be known by now if a group was lost. */
    boolean isOld(long now) {
        return breach.isOld(now);
    }

    Problem breach() {
        return Problem.error("RES-205", null, breach.why(), "");
    }

    /** Whether what failed is to be tried again; what may pass is, a bounded number of times. */
    boolean mayPass(TaskFailure.Kind kind) {
        boolean passing = kind == TaskFailure.Kind.IO || kind == TaskFailure.Kind.INTERNAL;
        return passing && ++failures < ATTEMPTS_MAX;
    }
}
