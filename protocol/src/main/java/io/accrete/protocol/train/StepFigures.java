package io.accrete.protocol.train;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What stages say after the passes of a step, before weights move.
 *
 * @param losses of the micro-batches in order; empty from stages without the head
 * @param scored targets of the micro-batches in order; empty from stages without the head
 * @param squares sum of squares of the gradient of each parameter that the stages own, by name
 */
public record StepFigures(
        List<MicroLoss> losses, List<Integer> scored, SortedMap<String, Double> squares) {
    /** Of no stage. */
    public static final StepFigures NONE =
            new StepFigures(List.of(), List.of(), Collections.emptySortedMap());

    public StepFigures {
        losses = List.copyOf(losses);
        scored = List.copyOf(scored);
        squares = Collections.unmodifiableSortedMap(new TreeMap<>(squares));
    }

    /** Those of both: one of them at most has the head. */
    public StepFigures with(StepFigures other) {
        SortedMap<String, Double> all = new TreeMap<>(squares);
        all.putAll(other.squares);
        return losses.isEmpty()
                ? new StepFigures(other.losses, other.scored, all)
                : new StepFigures(losses, scored, all);
    }
}
