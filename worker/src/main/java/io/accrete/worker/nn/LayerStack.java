package io.accrete.worker.nn;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.tensor.LayerForm;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.LlamaArithmetic.CachedLayer;
import io.accrete.worker.tensor.LlamaArithmetic.Layer;
import io.accrete.worker.tensor.RopeTables;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A whole model that only looks: layer after layer, each weight read where it is used, so that no
 * more is in memory than the activations of one layer beside the mapped file.
 */
public final class LayerStack {
    private final LlamaConfig config;
    private final WeightSource weights;
    private final LlamaArithmetic arithmetic;
    private final RopeCache rope;
    private final LayerForm form;
    private final DType compute;

    /**
     * @param compute type of the activations; single precision, or double to judge by
     * @param scope how long the stack lives
     */
    public LayerStack(
            LlamaConfig config,
            WeightSource weights,
            LlamaArithmetic arithmetic,
            DType compute,
            TensorScope scope) {
        this.config = config;
        this.weights = weights;
        this.arithmetic = arithmetic;
        this.rope = new RopeCache(config, arithmetic, scope);
        this.form = LayerForm.of(config);
        this.compute = compute;
    }

    /** Keys and values of one sequence in every layer. */
    public static final class KeyValueCache implements AutoCloseable {
        private final TensorScope scope;
        private final List<Tensor> keys = new ArrayList<>();
        private final List<Tensor> values = new ArrayList<>();

        private KeyValueCache(TensorScope scope) {
            this.scope = scope;
        }

        private int length() {
            return Math.toIntExact(keys.getFirst().shape().extents().get(2));
        }

        private void replace(int layer, CachedLayer now) {
            keys.set(layer, replaced(keys.get(layer), now.keys()));
            values.set(layer, replaced(values.get(layer), now.values()));
        }

        private Tensor replaced(Tensor old, Tensor now) {
            old.close();
            return scope.keep(now);
        }

        @Override
        public void close() {
            scope.close();
        }
    }

    /**
     * States after the last layer, before the last norm, [rows, positions, hidden].
     *
     * @param ids I64 [rows, positions]
     * @param after is shown each layer's number and result; -1 is the embedding
     * @param scope where the result lives
     */
    public Tensor states(Tensor ids, BiConsumer<Integer, Tensor> after, TensorScope scope) {
        int positions = Math.toIntExact(ids.shape().extents().get(1));
        Tensor x = arithmetic.embed(weights.tensor(LlamaConfig.EMBEDDING), ids, compute, scope);
        after.accept(-1, x);
        for (int layer = 0; layer < config.layers(); layer++) {
            try (TensorScope shorter = scope.child()) {
                Tensor y = arithmetic.layer(x, layer(layer, rope.of(positions)), shorter);
                x.close();
                x = scope.keep(y);
            }
            after.accept(layer, x);
        }
        return x;
    }

    /** The states that the head sees. */
    public Tensor normed(Tensor states, TensorScope scope) {
        Tensor norm = weights.tensor(LlamaConfig.FINAL_NORM);
        return arithmetic.finalNorm(states, norm, config.epsilon(), scope);
    }

    /** [rows, positions, vocabulary]. */
    public Tensor logits(Tensor states, TensorScope scope) {
        try (Tensor normed = normed(states, scope)) {
            return arithmetic.logits(normed, head(), scope);
        }
    }

    /** NLL in nats per position, 0 where the target is {@link LlamaArithmetic#NOT_SCORED}. */
    public Tensor score(Tensor states, Tensor targets, TensorScope scope) {
        Tensor norm = weights.tensor(LlamaConfig.FINAL_NORM);
        return arithmetic.score(states, norm, head(), config.epsilon(), targets, scope);
    }

    /** An empty cache for one sequence. */
    public KeyValueCache cache(TensorScope scope) {
        KeyValueCache cache = new KeyValueCache(scope.child());
        Shape none = Shape.of(1, config.kvHeads(), 0, config.headDim());
        for (int layer = 0; layer < config.layers(); layer++) {
            cache.keys.add(arithmetic.zeros(none, compute, cache.scope));
            cache.values.add(arithmetic.zeros(none, compute, cache.scope));
        }
        return cache;
    }

    /**
     * Logits of the last position of one sequence, [1, 1, vocabulary].
     *
     * @param ids those that the cache has not seen: the prompt, later one at a time
     * @param positions of the longest sequence that the cache will hold
     */
    public Tensor next(long[] ids, int positions, KeyValueCache cache, TensorScope scope) {
        int length = cache.length() + ids.length;
        try (TensorScope shorter = scope.child()) {
            Tensor tokens = shorter.longs(ids, Shape.of(1, ids.length));
            Tensor embedding = weights.tensor(LlamaConfig.EMBEDDING);
            Tensor x = arithmetic.embed(embedding, tokens, compute, shorter);
            for (int layer = 0; layer < config.layers(); layer++) {
                CachedLayer now =
                        arithmetic.layerCached(
                                x,
                                layer(layer, rope.of(length, positions)),
                                cache.keys.get(layer),
                                cache.values.get(layer),
                                shorter);
                cache.replace(layer, now);
                x = now.output();
            }
            return logits(arithmetic.last(x, shorter), scope);
        }
    }

    private Tensor head() {
        return weights.tensor(config.tied() ? LlamaConfig.EMBEDDING : LlamaConfig.HEAD);
    }

    private Layer layer(int layer, RopeTables tables) {
        List<Tensor> own = config.layerTensors(layer).stream().map(weights::tensor).toList();
        return new Layer(own, form, tables);
    }
}
