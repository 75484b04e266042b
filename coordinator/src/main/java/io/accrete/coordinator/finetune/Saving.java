package io.accrete.coordinator.finetune;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.Optional;

/**
 * How far the newest checkpoint is: written by the stages, then on the disk. There is one at a
 * time, since the steps go on meanwhile.
 */
final class Saving {
    private @Nullable OpenSave open;
    private boolean settled;

    /** What was not journaled does not count. */
    void forget() {
        open = null;
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

    /** What is on its way to the disk, if anything is. */
    Optional<OpenSave> known() {
        return Optional.ofNullable(open);
    }

    /** All parts are on the disk. */
    OpenSave settled() {
        OpenSave done = open();
        open = null;
        return done;
    }
}
