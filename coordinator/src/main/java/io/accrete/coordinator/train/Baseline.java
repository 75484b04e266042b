package io.accrete.coordinator.train;

/** Whether a job is about the model that another one grows: the fair bar that it is judged by. */
public enum Baseline {
    /** The job stands for itself. */
    NONE,
    /** The untouched base is fine-tuned on the same text as well, by a job of its own. */
    ALSO,
    /** The job is that other job. */
    ONLY
}
