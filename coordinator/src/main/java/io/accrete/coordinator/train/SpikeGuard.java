package io.accrete.coordinator.train;

import io.accrete.protocol.train.GuardState;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.StepVerdict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Skips steps whose loss or gradient stands out from the last ones, as OLMo does, by median and
 * median absolute deviation instead of mean and standard deviation: a spike does not widen them.
 */
public final class SpikeGuard {
    /** Nothing stands out from fewer steps. */
    static final int ARMED_AT = 64;

    /** Makes the median absolute deviation that of a normal distribution. */
    private static final double NORMAL = 1.4826;

    /** Of the median: below this spread nothing stands out. */
    private static final double LEAST_SPREAD = 1e-3;

    private final Optional<SpikeSettings> settings;

    /**
     * @param settings without them nothing is skipped
     */
    public SpikeGuard(Optional<SpikeSettings> settings) {
        this.settings = settings;
    }

    /** A decision on a step, and what is remembered after it. */
    public record Guarded(StepDecision decision, GuardState state) {}

    /** The decision as it is, or a skip. What is skipped already is not remembered. */
    public Guarded guard(GuardState state, StepDecision decision) {
        if (settings.isEmpty() || !(decision.verdict() instanceof StepVerdict.Apply)) {
            return new Guarded(decision, state);
        }
        double z = settings.get().z();
        Optional<String> spike =
                standsOut("the loss", decision.loss(), state.losses(), z)
                        .or(
                                () ->
                                        standsOut(
                                                "the norm of the gradient",
                                                decision.gradNorm(),
                                                state.norms(),
                                                z));
        return spike.map(why -> new Guarded(decision.skipped(why), state))
                .orElseGet(
                        () ->
                                new Guarded(
                                        decision,
                                        state.with(decision.loss(), decision.gradNorm())));
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
