package io.accrete.protocol.train;

/** What the figures on the time of a step are called in a line of {@code metrics.jsonl}. */
public final class StageKeys {
    /** Share of the stages' time in which they wait. */
    public static final String BUBBLE = "bubble";

    /** The same by the formula for stages that take equally long. */
    public static final String BUBBLE_OF_EVEN_STAGES = "bubble_of_even_stages";

    /** A list of the following, one of each stage. */
    public static final String STAGES = "stages";

    public static final String FORWARD = "forward_seconds";
    public static final String BACKWARD = "backward_seconds";
    public static final String WAITING = "waiting_seconds";
    public static final String RESIDENT = "resident_bytes";

    private StageKeys() {}
}
