package io.accrete.protocol.merge;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import io.accrete.protocol.tensor.DType;

import java.util.List;
import java.util.Optional;

/**
 * How one output tensor comes out of source tensors.
 *
 * <p>For all but {@link Copy}, values go through four types: the source's, {@code input} (the
 * recipe's {@code dtype}: cast on load, if given), {@code result} (what the method yields) and the
 * output tensor's own (the recipe's {@code out_dtype}: cast on save). Every cast rounds to nearest
 * even.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "op")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TensorOp.Copy.class, name = "copy"),
    @JsonSubTypes.Type(value = TensorOp.Convert.class, name = "convert"),
    @JsonSubTypes.Type(value = TensorOp.Linear.class, name = "linear"),
    @JsonSubTypes.Type(value = TensorOp.Slerp.class, name = "slerp")
})
public sealed interface TensorOp {

    /** The source's bytes, never decoded. */
    record Copy(SourceTensor source) implements TensorOp {}

    /**
     * {@code round_result(fp32(x) * fp32(scale))}, or only casts where there is no scale. In fp64
     * where {@code result} is F64.
     */
    record Convert(SourceTensor source, Optional<DType> input, DType result, Optional<Double> scale)
            implements TensorOp {}

    /**
     * {@code acc = fma(x_i, fp32(w_i), acc)} over the inputs in order, in fp32 (fp64 if {@code
     * result} is F64); then, if {@code normalize}, divided by the fp32 sum of the weights in order;
     * then rounded once to {@code result}. As mergekit 0.1.5 does it.
     */
    record Linear(List<Weighted> inputs, boolean normalize, Optional<DType> input, DType result)
            implements TensorOp {
        public Linear {
            inputs = List.copyOf(inputs);
        }
    }

    record Weighted(SourceTensor source, double weight) {}

    /**
     * Spherical interpolation from {@code base} (t = 0) to {@code other} (t = 1) in fp32 (fp64 if
     * {@code result} is F64): with d the dot product of the two tensors, each divided by its norm
     * where that exceeds 1e-8, and theta = acos(d): {@code sin((1-t) theta)/sin(theta) base + sin(t
     * theta)/sin(theta) other}; linear where |d| exceeds 0.9995. As mergekit 0.1.5 does it.
     */
    record Slerp(
            SourceTensor base, SourceTensor other, double t, Optional<DType> input, DType result)
            implements TensorOp {}
}
