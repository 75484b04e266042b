package io.accrete.worker.tensor;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;

import io.accrete.protocol.tensor.DType;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calculations of a merge on one piece of a tensor, each a single native call, and the buffers
 * that they work in. Confined to the thread that opened it.
 *
 * <p>Each method takes the first {@code elements} of its buffers. The types on the way are those of
 * {@link io.accrete.protocol.merge.TensorOp}: the source buffer's, {@code input}, the one that is
 * computed in, {@code result}, the output buffer's.
 */
public final class MergeArithmetic implements AutoCloseable {
    /**
     * Most elements of a piece: many enough that a call costs little against its work, few enough
     * that all its buffers stay in the processor's cache. Fixed, so that the sums of {@link
     * #products} never depend on the machine.
     */
    public static final int PIECE_ELEMENTS = 1 << 18;

    private final ScriptThread thread = ScriptThread.current(TensorEngine.Script.MERGE, 1);
    private final PtNDManager manager =
            (PtNDManager) TensorEngine.running().manager().newSubManager();
    private final List<TensorBuffer> buffers = new ArrayList<>();
    private final Map<DType, Scratch> scratches = new EnumMap<>(DType.class);

    private record Scratch(TensorBuffer first, TensorBuffer second) {}

    private MergeArithmetic() {}

    /** Loads the native engine if this is its first use in the process. */
    public static MergeArithmetic open() {
        return new MergeArithmetic();
    }

    /** The type in which an operation with this result computes. */
    public static DType compute(DType result) {
        return result == DType.F64 ? DType.F64 : DType.F32;
    }

    /** New memory for {@link #PIECE_ELEMENTS} values, freed by {@link #close}. */
    public TensorBuffer buffer(DType dtype) {
        // Only the script may make bfloat16: DJL's own way ends the process.
        try (ScriptArguments arguments = new ScriptArguments().whole(PIECE_ELEMENTS).type(dtype);
                IValue made = call("empty", arguments)) {
            TensorBuffer buffer = new TensorBuffer(dtype, made.toTensor(manager));
            buffers.add(buffer);
            return buffer;
        }
    }

    /** {@code output = result(input(x))}. */
    public void cast(
            TensorBuffer x,
            int elements,
            Optional<DType> input,
            DType result,
            TensorBuffer output) {
        DType loaded = input.orElse(x.dtype());
        try (ScriptArguments arguments = piece(elements)) {
            arguments.tensor(x).typeUnless(loaded, x.dtype());
            arguments.typeUnless(result, loaded, output.dtype()).tensor(output);
            call("cast", arguments).close();
        }
    }

    /** {@code output = result(compute(input(x)) * factor)}. */
    public void scale(
            TensorBuffer x,
            int elements,
            Optional<DType> input,
            double factor,
            DType result,
            TensorBuffer output) {
        DType compute = compute(result);
        try (ScriptArguments arguments = piece(elements)) {
            arguments.tensor(x).typeUnless(input.orElse(compute), x.dtype(), compute);
            arguments.tensor(scratch(compute).first()).real(factor);
            arguments.typeUnless(result, compute, output.dtype()).tensor(output);
            call("scale", arguments).close();
        }
    }

    /** {@code sum = fma(input(x), weight, first ? 0 : sum)}, in the type of {@code sum}. */
    public void accumulate(
            TensorBuffer x,
            int elements,
            Optional<DType> input,
            double weight,
            boolean first,
            TensorBuffer sum) {
        DType compute = sum.dtype();
        try (ScriptArguments arguments = piece(elements)) {
            arguments.tensor(x).typeUnless(input.orElse(compute), x.dtype(), compute);
            arguments.tensor(scratch(compute).first()).real(weight).flag(first).tensor(sum);
            call("accumulate", arguments).close();
        }
    }

    /** {@code output = result(sum / divisor)}, or {@code result(sum)}; {@code sum} is used up. */
    public void finish(
            TensorBuffer sum,
            int elements,
            Optional<Double> divisor,
            DType result,
            TensorBuffer output) {
        DType compute = sum.dtype();
        try (ScriptArguments arguments = piece(elements)) {
            arguments.tensor(sum).flag(divisor.isPresent()).real(divisor.orElse(1.0));
            arguments.typeUnless(result, compute, output.dtype()).tensor(output);
            call("finish", arguments).close();
        }
    }

    /** The inner products of two pieces. */
    public Products products(
            TensorBuffer x, TensorBuffer y, int elements, Optional<DType> input, DType result) {
        DType compute = compute(result);
        try (ScriptArguments arguments = piece(elements)) {
            arguments.tensor(x).tensor(y).typeUnless(input.orElse(compute), compute);
            arguments.tensor(scratch(compute).first()).tensor(scratch(compute).second());
            try (IValue sums = call("products", arguments)) {
                double[] values = sums.toDoubleArray();
                return new Products(values[0], values[1], values[2]);
            }
        }
    }

    /** {@code output = result(base * input(x) + other * input(y))}. */
    public void combine(
            TensorBuffer x,
            TensorBuffer y,
            int elements,
            Optional<DType> input,
            Coefficients coefficients,
            DType result,
            TensorBuffer output) {
        DType compute = compute(result);
        try (ScriptArguments arguments = piece(elements)) {
            arguments.tensor(x).tensor(y).typeUnless(input.orElse(compute), compute);
            arguments.tensor(scratch(compute).first()).tensor(scratch(compute).second());
            arguments.real(coefficients.base()).real(coefficients.other());
            arguments.typeUnless(result, compute, output.dtype()).tensor(output);
            call("combine", arguments).close();
        }
    }

    /** Native arrays that are alive here; constant however many pieces are computed. */
    int arrays() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        buffers.forEach(TensorBuffer::close);
        buffers.clear();
        manager.close();
    }

    private Scratch scratch(DType compute) {
        return scratches.computeIfAbsent(compute, type -> new Scratch(buffer(type), buffer(type)));
    }

    private static ScriptArguments piece(int elements) {
        if (elements < 0 || elements > PIECE_ELEMENTS) {
            throw new IllegalArgumentException(
                    elements + " elements, a piece has at most " + PIECE_ELEMENTS);
        }
        return new ScriptArguments().whole(elements);
    }

    private IValue call(String method, ScriptArguments arguments) {
        return thread.call(method, arguments);
    }
}
