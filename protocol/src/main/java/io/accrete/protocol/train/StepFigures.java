package io.accrete.protocol.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What stages say after the passes of a step, before weights move.
 *
 * @param losses of the micro-batches in order, by their scores; empty from stages without the head
 * @param matched what states that are matched add to them, by site
 * @param scored targets of the micro-batches in order; empty from stages without the head
 * @param squares sum of squares of the gradient of each parameter that the stages own, by name
 * @param gates mean of each gate as it was in the step, by name
 * @param loads of the stages, by their numbers
 */
public record StepFigures(
        List<MicroLoss> losses,
        SortedMap<Integer, List<MicroLoss>> matched,
        List<Integer> scored,
        SortedMap<String, Double> squares,
        SortedMap<String, Double> gates,
        SortedMap<Integer, StageLoad> loads) {
    /** Of no stage. */
    public static final StepFigures NONE =
            new StepFigures(
                    List.of(),
                    Collections.emptySortedMap(),
                    List.of(),
                    Collections.emptySortedMap(),
                    Collections.emptySortedMap(),
                    Collections.emptySortedMap());

    public StepFigures {
        losses = List.copyOf(losses);
        matched = Collections.unmodifiableSortedMap(new TreeMap<>(matched));
        scored = List.copyOf(scored);
        squares = Collections.unmodifiableSortedMap(new TreeMap<>(squares));
        gates = Collections.unmodifiableSortedMap(new TreeMap<>(gates));
        // A worker of an earlier version does not say it.
        loads =
                loads == null
                        ? Collections.emptySortedMap()
                        : Collections.unmodifiableSortedMap(new TreeMap<>(loads));
    }

    /** Those of both: one of them at most has the head. */
    public StepFigures with(StepFigures other) {
        SortedMap<String, Double> all = new TreeMap<>(squares);
        all.putAll(other.squares);
        SortedMap<Integer, List<MicroLoss>> sites = new TreeMap<>(matched);
        sites.putAll(other.matched);
        SortedMap<String, Double> means = new TreeMap<>(gates);
        means.putAll(other.gates);
        SortedMap<Integer, StageLoad> stages = new TreeMap<>(loads);
        stages.putAll(other.loads);
        return losses.isEmpty()
                ? new StepFigures(other.losses, sites, other.scored, all, means, stages)
                : new StepFigures(losses, sites, scored, all, means, stages);
    }

    /** The whole losses of the micro-batches: the sum does not depend on which stage has what. */
    public List<MicroLoss> totals() {
        List<MicroLoss> totals = new ArrayList<>(losses);
        for (List<MicroLoss> site : matched.values()) {
            for (int i = 0; i < totals.size(); i++) {
                totals.set(i, totals.get(i).plus(site.get(i)));
            }
        }
        return totals;
    }
}
