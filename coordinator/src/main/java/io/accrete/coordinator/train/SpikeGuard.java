package io.accrete.coordinator.train;

import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.SpikeSettings.Action;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Finds steps whose loss or gradient stands out from the last ones, and says what is done about
 * them. The spread is the median absolute deviation, which a spike does not widen.
 */
final class SpikeGuard {
    /** Steps that a new one is compared with. */
    static final int WINDOW = 128;

    /** Nothing stands out from fewer. */
    static final int ARMED_AT = 64;

    /** Spikes among so many steps are one trouble, for which the next action is due. */
    static final int TROUBLE_STEPS = 20;

    static final int TROUBLE_SPIKES = 3;

    /** Makes the median absolute deviation that of a normal distribution. */
    private static final double NORMAL = 1.4826;

    /** Below this share of the median, nothing stands out. */
    private static final double LEAST_SPREAD = 1e-3;

    private final SpikeSettings settings;

    SpikeGuard(SpikeSettings settings) {
        this.settings = settings;
    }

    /**
     * All that the guard remembers; part of a checkpoint.
     *
     * @param losses of the last steps that were no spikes, oldest first
     * @param norms of the same steps
     * @param spikes numbers of the last steps that were, oldest first
     * @param tier place of the action that is due
     */
    record State(List<Double> losses, List<Double> norms, List<Integer> spikes, int tier) {
        static final State NEW = new State(List.of(), List.of(), List.of(), 0);

        State {
            losses = List.copyOf(losses);
            norms = List.copyOf(norms);
            spikes = List.copyOf(spikes);
        }
    }

    /**
     * What a step is.
     *
     * @param trouble empty if it is as others are
     * @param then state after it
     */
    record Finding(Optional<Trouble> trouble, State then) {}

    /**
     * @param what as a sentence, with the numbers
     */
    record Trouble(String what, Action action) {}

    /**
     * @param step its number
     * @param loss finite
     * @param norm finite
     */
    Finding judge(State state, int step, double loss, double norm) {
        Optional<String> what =
                standsOut("the loss", loss, state.losses())
                        .or(() -> standsOut("the norm of the gradient", norm, state.norms()));
        if (what.isEmpty()) {
            return new Finding(
                    Optional.empty(),
                    new State(
                            with(state.losses(), loss, WINDOW),
                            with(state.norms(), norm, WINDOW),
                            state.spikes(),
                            state.tier()));
        }
        List<Integer> spikes = with(state.spikes(), step, TROUBLE_SPIKES);
        boolean again = spikes.size() == TROUBLE_SPIKES && step - spikes.getFirst() < TROUBLE_STEPS;
        int tier = Math.min(state.tier() + (again ? 1 : 0), settings.then().size() - 1);
        return new Finding(
                Optional.of(new Trouble(what.get(), settings.then().get(tier))),
                new State(state.losses(), state.norms(), again ? List.of() : spikes, tier));
    }

    private Optional<String> standsOut(String name, double value, List<Double> before) {
        if (before.size() < ARMED_AT) {
            return Optional.empty();
        }
        double median = median(before);
        double spread = NORMAL * median(before.stream().map(x -> Math.abs(x - median)).toList());
        double z = (value - median) / Math.max(spread, LEAST_SPREAD * Math.abs(median));
        return z > settings.z()
                ? Optional.of(
                        "%s is %.4g, and %.4g in the middle of the last %d steps: %.1f deviations"
                                        .formatted(name, value, median, before.size(), z)
                                + " above, more than %s".formatted(settings.z()))
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

    private static <T> List<T> with(List<T> last, T next, int most) {
        List<T> all = new ArrayList<>(last);
        all.add(next);
        return all.subList(Math.max(0, all.size() - most), all.size());
    }
}
