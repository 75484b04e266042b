package io.accrete.protocol.train;

import java.util.List;
import java.util.Objects;

/**
 * When a step stands out from those before it by its loss or its gradient, and what is done then.
 *
 * @param z robust deviations from the median above which it does
 * @param then for the first such step, for the next one soon after it, and so on
 */
public record SpikeSettings(double z, List<SpikeAction> then) {
    public SpikeSettings {
        // Plans of before there was a choice do not say it.
        then = List.copyOf(Objects.requireNonNullElse(then, List.of(new SpikeAction.Skip())));
    }

    /** Steps that the training may have to go back. */
    public int reach() {
        return then.stream()
                .mapToInt(action -> action instanceof SpikeAction.RollBack(int n, _, _) ? n : 0)
                .max()
                .orElse(0);
    }
}
