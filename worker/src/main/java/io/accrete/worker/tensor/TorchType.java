package io.accrete.worker.tensor;

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
            default -> throw new IllegalArgumentException(dtype + " is moved, never computed with");
        };
    }
}
