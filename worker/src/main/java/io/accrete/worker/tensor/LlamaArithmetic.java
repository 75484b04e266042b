package io.accrete.worker.tensor;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;

import io.accrete.protocol.model.Rope;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The calculations of a Llama-family model, each a single native call. Confined to the thread that
 * it was made on.
 *
 * <p>Activations are [rows, positions, hidden], ids and targets I64 [rows, positions]. Results live
 * in the scope that is passed. A vector-Jacobian product ({@code ...Vjp}) takes the gradient of the
 * loss by a result and gives those by the inputs; formulas as in Hugging Face's Llama.
 */
public final class LlamaArithmetic {
    /** A target that is not scored. */
    public static final long NOT_SCORED = -100;

    private final ScriptThread thread;
    private final boolean fusedAttention;

    private LlamaArithmetic(ScriptThread thread, boolean fusedAttention) {
        this.thread = thread;
        this.fusedAttention = fusedAttention;
    }

    /**
     * Makes the current thread one that computes.
     *
     * @param threads that one calculation may use; part of what makes results the same bits
     */
    public static LlamaArithmetic onThisThread(int threads) {
        return onThisThread(threads, true);
    }

    /**
     * @param fusedAttention whether a processor's kernel may be used; a GPU's is not
     */
    static LlamaArithmetic onThisThread(int threads, boolean fusedAttention) {
        return new LlamaArithmetic(
                ScriptThread.current(TensorEngine.Script.LLAMA, threads), fusedAttention);
    }

    /** Gradients by the activations, if they were wanted, and by the weights that were named. */
    public record Gradients(Optional<Tensor> input, List<Tensor> weights) {
        private static Gradients of(List<Tensor> all, boolean wantInput) {
            return wantInput
                    ? new Gradients(Optional.of(all.getFirst()), all.subList(1, all.size()))
                    : new Gradients(Optional.empty(), all);
        }
    }

    /**
     * A layer of a model.
     *
     * @param weights the nine in the script's order, then its biases, then what is added to it for
     *     a training
     * @param form what the script needs to know beside them
     */
    public record Layer(List<Tensor> weights, LayerForm form, RopeTables rope) {}

    /**
     * Whose gradient is wanted of a layer.
     *
     * @param trained places among its weights
     */
    public record LayerInputs(List<Integer> trained, boolean input) {}

    /** A layer's result, and what its backward pass needs; closing it frees both. */
    public static final class KeptLayer implements AutoCloseable {
        private final List<Tensor> states;

        private KeptLayer(List<Tensor> states) {
            this.states = states;
        }

        public Tensor output() {
            return states.getFirst();
        }

        @Override
        public void close() {
            states.forEach(Tensor::close);
        }
    }

    /** A layer's result, and the keys and values of all positions so far. */
    public record CachedLayer(Tensor output, Tensor keys, Tensor values) {}

    /**
     * What the scored positions say: sums in nats, and gradients as asked for.
     *
     * @param klSum divergence from the teacher at its temperature; 0 without one
     */
    public record Score(
            double nllSum,
            double klSum,
            Optional<Tensor> input,
            Optional<Tensor> norm,
            Optional<Tensor> head) {}

    /**
     * What the student is to be like.
     *
     * @param states under the teacher's head, [rows, positions, its hidden size]
     * @param head [vocabulary, its hidden size]
     * @param weight of the divergence in the loss, from 0 to 1
     */
    public record Teaching(Tensor states, Tensor head, double weight, double temperature) {}

    /** Tables for positions 0 to {@code positions}. */
    public RopeTables rope(Rope form, int headDim, int positions, TensorScope scope) {
        double theta = form.theta();
        double[] stretch = {0, 1, 1, 1, 1};
        switch (form.scaling()) {
            case Rope.Scaling.None() -> {}
            case Rope.Scaling.Linear(double factor) -> stretch = new double[] {1, factor, 1, 1, 1};
            case Rope.Scaling.Dynamic(double factor, double original) -> {
                double grown = factor * Math.max(positions, original) / original - (factor - 1);
                theta *= Math.pow(grown, headDim / (headDim - 2.0));
            }
            case Rope.Scaling.Llama3(double factor, double low, double high, double original) ->
                    stretch = new double[] {3, factor, low, high, original};
        }
        ScriptArguments arguments = new ScriptArguments().real(theta).whole(headDim);
        arguments.whole(positions).whole((long) stretch[0]);
        for (int i = 1; i < stretch.length; i++) {
            arguments.real(stretch[i]);
        }
        List<Tensor> tables = tensors("rope", arguments, scope);
        tables.replaceAll(scope::moved);
        return new RopeTables(tables.get(0), tables.get(1), tables.get(2));
    }

    /** The rows of {@code table} [vocabulary, hidden] that the ids name, in type {@code dtype}. */
    public Tensor embed(Tensor table, Tensor ids, DType dtype, TensorScope scope) {
        return tensor("embed", new ScriptArguments().tensor(table).tensor(ids).type(dtype), scope);
    }

    /** [vocabulary, hidden]. */
    public Tensor embedVjp(Tensor ids, long vocabulary, Tensor gradient, TensorScope scope) {
        return tensor(
                "embed_vjp",
                new ScriptArguments().tensor(ids).whole(vocabulary).tensor(gradient),
                scope);
    }

    public Tensor layer(Tensor x, Layer layer, TensorScope scope) {
        return tensor("layer", arguments(x, layer, scope), scope);
    }

    /**
     * One layer with a cache.
     *
     * @param x all positions of the prompt with an empty cache, or one position after that
     * @param keys of the positions so far, [rows, heads, positions, head size]
     */
    public CachedLayer layerCached(
            Tensor x, Layer layer, Tensor keys, Tensor values, TensorScope scope) {
        ScriptArguments arguments = arguments(x, layer, scope).tensor(keys).tensor(values);
        List<Tensor> all = tensors("layer_cached", arguments, scope);
        return new CachedLayer(all.get(0), all.get(1), all.get(2));
    }

    /** Computes the layer again, then its gradients. */
    public Gradients layerVjp(
            Tensor x, Layer layer, LayerInputs wanted, Tensor gradient, TensorScope scope) {
        ScriptArguments arguments = arguments(x, layer, scope);
        arguments.wholes(longs(wanted.trained())).flag(wanted.input()).tensor(gradient);
        return Gradients.of(tensors("layer_vjp", arguments, scope), wanted.input());
    }

    /** As {@link #layer}, but little has to be computed again for {@link #keptVjp}. */
    public KeptLayer layerKeep(Tensor x, Layer layer, LayerInputs wanted, TensorScope scope) {
        ScriptArguments arguments = arguments(x, layer, scope).wholes(longs(wanted.trained()));
        return new KeptLayer(tensors("layer_keep", arguments, scope));
    }

    /** The same bits as {@link #layerVjp}. */
    public Gradients keptVjp(
            KeptLayer kept, Layer layer, LayerInputs wanted, Tensor gradient, TensorScope scope) {
        ScriptArguments arguments = new ScriptArguments().tensors(kept.states);
        arguments.tensors(layer.weights()).wholes(layer.form().numbers());
        arguments.real(layer.form().loraScale());
        arguments.tensor(layer.rope().cos()).tensor(layer.rope().sin()).flag(isFused(scope));
        arguments.wholes(longs(wanted.trained())).flag(wanted.input()).tensor(gradient);
        return Gradients.of(tensors("kept_vjp", arguments, scope), wanted.input());
    }

    /** The last position alone, [rows, 1, hidden]. */
    public Tensor last(Tensor x, TensorScope scope) {
        return tensor("last", new ScriptArguments().tensor(x), scope);
    }

    /** The states that the head sees. */
    public Tensor finalNorm(Tensor x, Tensor norm, double epsilon, TensorScope scope) {
        return tensor(
                "final_norm", new ScriptArguments().tensor(x).tensor(norm).real(epsilon), scope);
    }

    /** [rows, positions, vocabulary] of states after the last norm. */
    public Tensor logits(Tensor normed, Tensor head, TensorScope scope) {
        return tensor("logits", new ScriptArguments().tensor(normed).tensor(head), scope);
    }

    /** NLL in nats of each target, [rows, positions]; 0 where it is not scored. */
    public Tensor score(
            Tensor x, Tensor norm, Tensor head, double epsilon, Tensor targets, TensorScope scope) {
        ScriptArguments arguments = new ScriptArguments().tensor(x).tensor(norm).tensor(head);
        return tensor("score", arguments.real(epsilon).tensor(targets), scope);
    }

    /** Whose gradient is wanted of a score. */
    public record ScoreInputs(boolean input, boolean norm, boolean head) {}

    /**
     * The loss is the sum of the NLL divided by {@code divisor}, the targets of the whole step;
     * with a teacher {@code (1 - weight) NLL + weight T^2 KL(teacher || student)}, both at
     * temperature T, as Hinton et al. 2015 have it.
     */
    public Score scoreVjp(
            Tensor x,
            Tensor norm,
            Tensor head,
            double epsilon,
            Tensor targets,
            double divisor,
            ScoreInputs wanted,
            Optional<Teaching> teaching,
            TensorScope scope) {
        ScriptArguments arguments = new ScriptArguments().tensor(x).tensor(norm).tensor(head);
        arguments.real(epsilon).tensor(targets).real(divisor);
        arguments.flag(wanted.input()).flag(wanted.norm()).flag(wanted.head());
        arguments.tensors(teaching.map(t -> List.of(t.states(), t.head())).orElse(List.of()));
        arguments.real(teaching.map(Teaching::weight).orElse(0.0));
        arguments.real(teaching.map(Teaching::temperature).orElse(1.0));
        List<Tensor> all = tensors("score_vjp", arguments, scope);
        double nllSum = all.get(0).doubles()[0];
        double klSum = all.get(1).doubles()[0];
        int at = 2;
        Optional<Tensor> input = wanted.input() ? Optional.of(all.get(at++)) : Optional.empty();
        Optional<Tensor> byNorm = wanted.norm() ? Optional.of(all.get(at++)) : Optional.empty();
        Optional<Tensor> byHead = wanted.head() ? Optional.of(all.get(at)) : Optional.empty();
        return new Score(nllSum, klSum, input, byNorm, byHead);
    }

    /** Adds each part to the sum in the same place. */
    public void addTo(List<Tensor> sums, List<Tensor> parts) {
        run("add_to", new ScriptArguments().tensors(sums).tensors(parts));
    }

    /** Sum of the squares of each tensor, summed in double precision. */
    public double[] squares(List<Tensor> tensors) {
        try (ScriptArguments arguments = new ScriptArguments().tensors(tensors);
                IValue sums = thread.call("squares", arguments)) {
            return sums.toDoubleArray();
        }
    }

    /** Whether no value is NaN or infinite. */
    public boolean isFinite(Tensor tensor) {
        try (ScriptArguments arguments = new ScriptArguments().tensor(tensor);
                IValue answer = thread.call("finite", arguments)) {
            return answer.toBoolean();
        }
    }

    /**
     * One step of AdamW in place, epsilon added after the bias correction, as PyTorch has it.
     *
     * @param clip factor of the gradients, which are used up
     */
    public void adamw(
            List<Moments> moments, List<Tensor> gradients, double clip, AdamwRates rates) {
        ScriptArguments arguments =
                new ScriptArguments()
                        .tensors(moments.stream().map(Moments::parameter).toList())
                        .tensors(gradients)
                        .tensors(moments.stream().map(Moments::first).toList())
                        .tensors(moments.stream().map(Moments::second).toList())
                        .tensors(moments.stream().map(Moments::count).toList());
        arguments.real(clip).real(rates.learningRate()).real(rates.beta1()).real(rates.beta2());
        run("adamw", arguments.real(rates.epsilon()).real(rates.decay()));
    }

    /**
     * A branch's last matrix or bias with its gate multiplied in, F32.
     *
     * @param gate [1], or one for each row
     */
    public Tensor foldGate(Tensor weight, Tensor gate, TensorScope scope) {
        return tensor("fold_gate", new ScriptArguments().tensor(weight).tensor(gate), scope);
    }

    /** {@code W + scale B A}, F32. */
    public Tensor foldLowRank(Tensor weight, Tensor a, Tensor b, double scale, TensorScope scope) {
        ScriptArguments arguments = new ScriptArguments().tensor(weight).tensor(a).tensor(b);
        return tensor("fold_low_rank", arguments.real(scale), scope);
    }

    /** Moves values into a range, in place. */
    public void clamp(Tensor tensor, double lowest, double highest) {
        run("clamp", new ScriptArguments().tensor(tensor).real(lowest).real(highest));
    }

    /** Values of no meaning yet. */
    public Tensor empty(Shape shape, DType dtype, TensorScope scope) {
        return tensor("empty", sized(shape).type(dtype).device(scope), scope);
    }

    public Tensor zeros(Shape shape, DType dtype, TensorScope scope) {
        return tensor("zeros", sized(shape).type(dtype).device(scope), scope);
    }

    /** A copy on the device of the scope, of another type or of the same. */
    public Tensor cast(Tensor tensor, DType dtype, TensorScope scope) {
        return tensor(
                "cast", new ScriptArguments().tensor(tensor).type(dtype).device(scope), scope);
    }

    /** The same values under another handle, apart from all gradients. */
    public Tensor alias(Tensor tensor, TensorScope scope) {
        return tensor("alias", new ScriptArguments().tensor(tensor), scope);
    }

    /** Writes the values of one tensor into another, cast to its type. */
    public void copy(Tensor from, Tensor into) {
        run("copy", new ScriptArguments().tensor(into).tensor(from));
    }

    /** Multiplies in place. */
    public void scale(Tensor tensor, double factor) {
        run("scale", new ScriptArguments().tensor(tensor).real(factor));
    }

    /** The values of a mapped file from one place on, without a copy. */
    Tensor part(Tensor flat, long start, Shape shape, TensorScope scope) {
        ScriptArguments arguments = new ScriptArguments().tensor(flat).whole(start);
        return tensor("part", arguments.wholes(TensorScope.extents(shape)), scope);
    }

    /** A whole file as values of one type, mapped into memory. */
    Tensor file(String path, long elements, DType dtype, TensorScope scope) {
        ScriptArguments arguments = new ScriptArguments().text(path).whole(elements);
        return tensor("file", arguments.type(dtype), scope);
    }

    private static ScriptArguments sized(Shape shape) {
        return new ScriptArguments().wholes(TensorScope.extents(shape));
    }

    private ScriptArguments arguments(Tensor x, Layer layer, TensorScope scope) {
        LayerForm form = layer.form();
        ScriptArguments arguments = new ScriptArguments().tensor(x).tensors(layer.weights());
        arguments.wholes(form.numbers()).real(form.epsilon()).real(form.loraScale());
        arguments.tensor(layer.rope().cos()).tensor(layer.rope().sin());
        return arguments.flag(isFused(scope));
    }

    private boolean isFused(TensorScope scope) {
        return fusedAttention && scope.device() instanceof ComputeDevice.Cpu;
    }

    private static long[] longs(List<Integer> values) {
        return values.stream().mapToLong(Integer::longValue).toArray();
    }

    private void run(String method, ScriptArguments arguments) {
        try (arguments) {
            thread.call(method, arguments).close();
        }
    }

    private Tensor tensor(String method, ScriptArguments arguments, TensorScope scope) {
        try (arguments;
                IValue result = thread.call(method, arguments)) {
            return new Tensor(result.toTensor(scope.manager()));
        }
    }

    List<Tensor> tensors(String method, ScriptArguments arguments, TensorScope scope) {
        try (arguments;
                IValue result = thread.call(method, arguments)) {
            List<Tensor> tensors = new ArrayList<>();
            for (PtNDArray array : result.toTensorArray(scope.manager())) {
                tensors.add(new Tensor(array));
            }
            return tensors;
        }
    }
}
