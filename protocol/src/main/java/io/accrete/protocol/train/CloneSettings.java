package io.accrete.protocol.train;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What becomes of sites whose source layer has several sites.
 *
 * @param tie one parameter per source layer, its gradient summed over its sites
 * @param untieAt the step after which tied sites have parameters of their own
 */
public record CloneSettings(
        Init init,
        boolean tie,
        OptionalInt untieAt,
        Rate learningRate,
        Optional<GateSettings> gates) {
    /** Of a model that has none. */
    public static final CloneSettings NONE =
            new CloneSettings(Init.COPY, false, OptionalInt.empty(), Rate.ONE, Optional.empty());

    /** The weights that such sites start from. */
    public enum Init {
        /** Those of the source layer. */
        COPY,
        /** {@code o_proj} and {@code down_proj} of the clones are zero. */
        IDENTITY,
        /** {@code o_proj} and {@code down_proj} are divided by k at all k sites of a layer. */
        ONE_OVER_K
    }

    /** The same, with every site learning for itself. */
    public CloneSettings untied() {
        return new CloneSettings(init, false, OptionalInt.empty(), learningRate, gates);
    }

    /** The multiplier of the learning rate at all k sites of a layer, the first included. */
    public enum Rate {
        ONE,
        ONE_OVER_K
    }
}
