package io.accrete.coordinator.finetune;

/** What the driver of a training waits for. */
enum CoursePhase {
    /** Not all groups are there. */
    GATHERING,
    /** All groups have a state of before: the file of metrics has to fit to it. */
    COMPARING,
    /** All groups do {@code command}. */
    COMMANDED,
    /** An earlier checkpoint has to be journaled before the next thing is done. */
    COMMITTING,
    /** An edge broke: either its other end is lost, which shows soon, or only the edge. */
    BROKEN,
    /** The driver takes stock. */
    STEPPING_BACK,
    ENDED;

    /** Whether the stages have nothing to do yet. */
    boolean isBefore() {
        return this == GATHERING || this == COMPARING;
    }

    /** Whether it matters what stages say. */
    boolean isOpen() {
        return this == COMMANDED || this == BROKEN;
    }
}
