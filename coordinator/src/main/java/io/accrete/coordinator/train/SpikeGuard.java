package io.accrete.coordinator.train;

import io.accrete.protocol.train.GuardState;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.SpikeAction;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.StepVerdict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Looks for steps whose loss or gradient stands out from the last ones, as OLMo does, by median and
 * median absolute deviation instead of mean and standard deviation: a spike does not widen them.
 * What follows gets sharper while the trouble lasts.
 */
public final class SpikeGuard {
    /** Nothing stands out from fewer steps. */
    static final int ARMED_AT = 64;

    /** A step that stands out so many steps after another belongs to the same trouble. */
    static final int SAME_TROUBLE = 20;

    /** Makes the median absolute deviation that of a normal distribution. */
    private static final double NORMAL = 1.4826;

    /** Of the median: below this spread nothing stands out. */
    private static final double LEAST_SPREAD = 1e-3;

    private final Optional<SpikeSettings> settings;

    /**
     * @param settings without them nothing is looked for
     */
    public SpikeGuard(Optional<SpikeSettings> settings) {
        this.settings = settings;
    }

    /**
     * A step as the guard sees it.
     *
     * @param number counts from 1
     * @param furthestBack the earliest step that may be gone back to
     * @param rowsAfter rows that steps have seen when this one is done
     * @param sites norm of the gradient of each
     */
    public record Looked(
            int number, int furthestBack, long rowsAfter, SortedMap<Integer, Double> sites) {}

    /**
     * A decision on a step, and what is remembered after it.
     *
     * @param rewind where the training goes back to instead of on, if it does
     */
    public record Guarded(StepDecision decision, GuardState state, Optional<Rewind> rewind) {}

    /** The decision as it is, or another. */
    public Guarded guard(GuardState state, StepDecision decision, Looked step) {
        if (settings.isEmpty()) {
            return new Guarded(decision, state, Optional.empty());
        }
        Optional<String> trouble = trouble(state, decision);
        if (trouble.isEmpty()) {
            GuardState calm = state.with(decision.loss(), decision.gradNorm(), step.sites());
            return new Guarded(decision, calm, Optional.empty());
        }
        String outliers = SiteNorms.outliers(step.sites(), state.usual());
        String why = trouble.get() + (outliers.isEmpty() ? "" : "; " + outliers);
        return answered(state, decision.skipped(why), step, why);
    }

    private Guarded answered(GuardState state, StepDecision skip, Looked step, String why) {
        boolean same = state.lastSpike() > 0 && step.number() - state.lastSpike() <= SAME_TROUBLE;
        int taken = same ? state.taken() : 0;
        GuardState spiked = state.spiked(step.number(), taken + 1);
        return switch (action(taken)) {
            case SpikeAction.Skip() -> new Guarded(skip, spiked, Optional.empty());
            case SpikeAction.Pause() -> {
                String reason = "step %d was skipped: %s".formatted(step.number(), why);
                yield new Guarded(skip, spiked.pausing(reason), Optional.empty());
            }
            case SpikeAction.RollBack back ->
                    new Guarded(
                            skip, state, Optional.of(rewind(back, state, step, taken + 1, why)));
        };
    }

    /** When all of the list is done, skipping goes on; anything else was in vain. */
    private SpikeAction action(int taken) {
        List<SpikeAction> then = settings.orElseThrow().then();
        if (taken < then.size()) {
            return then.get(taken);
        }
        return then.getLast() instanceof SpikeAction.Skip
                ? then.getLast()
                : new SpikeAction.Pause();
    }

    private static Rewind rewind(
            SpikeAction.RollBack back, GuardState state, Looked step, int taken, String why) {
        int to = Math.max(step.furthestBack(), step.number() - back.steps());
        double factor = state.rateFactor() * back.rate();
        String reason =
                "step %d leads back to step %d, and on from there at %s times the rate%s: %s"
                        .formatted(
                                step.number(),
                                to,
                                factor,
                                back.skipData() ? " with other rows" : "",
                                why);
        Optional<Long> rows = back.skipData() ? Optional.of(step.rowsAfter()) : Optional.empty();
        return new Rewind(to, step.number(), rows, factor, taken, reason);
    }

    private Optional<String> trouble(GuardState state, StepDecision decision) {
        if (decision.verdict() instanceof StepVerdict.Skip(String reason)) {
            return Optional.of(reason);
        }
        double z = settings.orElseThrow().z();
        return standsOut("the loss", decision.loss(), state.losses(), z)
                .or(
                        () ->
                                standsOut(
                                        "the norm of the gradient",
                                        decision.gradNorm(),
                                        state.norms(),
                                        z));
    }

    private static Optional<String> standsOut(
            String name, double value, List<Double> before, double limit) {
        if (before.size() < ARMED_AT) {
            return Optional.empty();
        }
        double median = median(before);
        double spread = NORMAL * median(before.stream().map(x -> Math.abs(x - median)).toList());
        double z = (value - median) / Math.max(spread, LEAST_SPREAD * Math.abs(median));
        return z > limit
                ? Optional.of(
                        "%s is %.4g, and %.4g in the middle of the last %d steps: %.1f deviations"
                                        .formatted(name, value, median, before.size(), z)
                                + " above, more than %s".formatted(limit))
                : Optional.empty();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
