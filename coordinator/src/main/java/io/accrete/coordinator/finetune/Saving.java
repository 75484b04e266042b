package io.accrete.coordinator.finetune;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * How far the newest checkpoint is: written by the stages, then on the disk, then journaled. There
 * is one at a time, since the steps go on meanwhile.
 */
final class Saving {
    private @Nullable OpenSave open;
    private boolean settled;
    private boolean committing;

    /** What was not journaled does not count. */
    void forget() {
        open = null;
        committing = false;
    }

    void opened(OpenSave save) {
        open = save;
    }

    /**
     * @throws NullPointerException if nothing is on its way to the disk
     */
    OpenSave open() {
        return Objects.requireNonNull(open);
    }

    /**
     * @param everywhere whether all stages find on the disk what they saved
     */
    void look(boolean everywhere) {
        settled = everywhere;
    }

    /**
     * @param next whether another is to be saved
     */
    boolean isToSettle(boolean next) {
        return open != null && (next || settled);
    }

    /** All parts are on the disk. */
    OpenSave commit() {
        OpenSave done = open();
        open = null;
        committing = true;
        return done;
    }

    boolean isCommitting() {
        return committing;
    }

    void committed() {
        committing = false;
    }
}
