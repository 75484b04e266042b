package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import java.util.Optional;

/** Output tensors by their size, for layouts. */
final class PackedTensors {
    private PackedTensors() {}

    /** A tensor of so many bytes that lies there in the source file, under its output name. */
    static PlannedTensor copy(String name, long bytes, long offset) {
        return copy(name, name, bytes, offset);
    }

    static PlannedTensor copy(String name, String source, long bytes, long offset) {
        Shape shape = Shape.of(bytes);
        return new PlannedTensor(
                new TensorSpec(name, DType.U8, shape),
                new TensorOp.Copy(new SourceTensor(0, source, DType.U8, shape, offset, bytes)),
                source);
    }

    static PlannedTensor computed(String name, DType type, long elements) {
        Shape shape = Shape.of(elements);
        TensorSpec spec = new TensorSpec(name, type, shape);
        SourceTensor source = new SourceTensor(0, name, type, shape, 64, spec.bytes());
        return new PlannedTensor(
                spec, new TensorOp.Convert(source, Optional.empty(), type, Optional.of(0.5)), name);
    }
}
