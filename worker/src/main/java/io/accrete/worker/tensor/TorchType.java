package io.accrete.worker.tensor;

import ai.djl.ndarray.types.DataType;

import io.accrete.protocol.tensor.DType;

/** Torch's numbers for the element types that are computed with. */
final class TorchType {
    private TorchType() {}

    static int of(DType dtype) {
        return switch (dtype) {
            case F16 -> 5;
            case F32 -> 6;
            case F64 -> 7;
            case BF16 -> 15;
            case I64 -> 4;
            default -> throw new IllegalArgumentException(dtype + " is moved, never computed with");
        };
    }

    /** DJL knows bfloat16 only as a type that it does not know. */
    static DType of(DataType type) {
        return switch (type) {
            case FLOAT16 -> DType.F16;
            case FLOAT32 -> DType.F32;
            case FLOAT64 -> DType.F64;
            case INT64 -> DType.I64;
            case UNKNOWN -> DType.BF16;
            default -> throw new IllegalArgumentException(type + " is no type of a script's");
        };
    }
}
