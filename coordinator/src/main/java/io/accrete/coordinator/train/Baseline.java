package io.accrete.coordinator.train;

import java.util.OptionalInt;

/** Whether a job is about the model that another one grows: the fair bar that it is judged by. */
public sealed interface Baseline {
    /** The job stands for itself. */
    record None() implements Baseline {}

    /** The untouched base is fine-tuned on the same text as well, by a job of its own. */
    record Also() implements Baseline {}

    /**
     * The job is that other job.
     *
     * @param steps that it takes; as many as the growth takes at most if empty
     */
    record Only(OptionalInt steps) implements Baseline {}
}
