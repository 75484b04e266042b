package io.accrete.protocol.train;

import java.util.ArrayList;
import java.util.List;

/**
 * What the guard against spikes remembers.
 *
 * @param losses of the last steps that were no spikes, oldest first
 * @param norms of the gradient in the same steps
 */
public record GuardState(List<Double> losses, List<Double> norms) {
    /** Steps that a new one is compared with. */
    public static final int WINDOW = 128;

    public static final GuardState NEW = new GuardState(List.of(), List.of());

    public GuardState {
        losses = List.copyOf(losses);
        norms = List.copyOf(norms);
    }

    /** After a step that is as others are. */
    public GuardState with(double loss, double norm) {
        return new GuardState(appended(losses, loss), appended(norms, norm));
    }

    private static List<Double> appended(List<Double> last, double next) {
        List<Double> all = new ArrayList<>(last);
        all.add(next);
        return all.subList(Math.max(0, all.size() - WINDOW), all.size());
    }
}
