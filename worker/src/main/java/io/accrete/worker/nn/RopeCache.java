package io.accrete.worker.nn;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Rope;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.RopeTables;
import io.accrete.worker.tensor.TensorScope;

import org.jspecify.annotations.Nullable;

/** The rotary tables of a model, made again only where a sequence needs others. */
final class RopeCache {
    private final LlamaConfig config;
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private @Nullable RopeTables tables;
    private int positions;

    RopeCache(LlamaConfig config, LlamaArithmetic arithmetic, TensorScope scope) {
        this.config = config;
        this.arithmetic = arithmetic;
        this.scope = scope;
    }

    /** Tables for sequences of that length; they have at least so many rows. */
    RopeTables of(int length) {
        RopeTables current = tables;
        if (current != null && (length == positions || length < positions && !dependOnLength())) {
            return current;
        }
        if (current != null) {
            current.close();
        }
        RopeTables made = arithmetic.rope(config.rope(), config.headDim(), length, scope);
        tables = made;
        positions = length;
        return made;
    }

    /**
     * Tables for a sequence that grows: those of its length now, where that matters, which is not
     * known in advance; else of the most that it may have, so that they are made once.
     */
    RopeTables of(int length, int most) {
        return of(
                config.rope().scaling() instanceof Rope.Scaling.Dynamic(double _, double original)
                                && most > original
                        ? Math.max(length, (int) original)
                        : most);
    }

    private boolean dependOnLength() {
        return config.rope().scaling() instanceof Rope.Scaling.Dynamic(double _, double original)
                && positions > original;
    }
}
