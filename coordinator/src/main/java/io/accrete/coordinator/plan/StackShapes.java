package io.accrete.coordinator.plan;

import io.accrete.protocol.job.Problem.Severity;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether stacked layers fit on each other: a model has one size, so the tensors of one kind must
 * have one shape in all layers. Models whose own layers differ are let be.
 */
final class StackShapes {
    private final TensorFaults faults;
    private final Map<String, Seen> seen = new HashMap<>();

    StackShapes(TensorFaults faults) {
        this.faults = faults;
    }

    private record Seen(CatalogModel model, Shape shape, DType type) {}

    /**
     * @param suffix what the tensor is called in its layer
     */
    void note(OutputSlice slice, String suffix, TensorSpec tensor) {
        CatalogModel model = slice.inputs().getFirst().model();
        Seen first =
                seen.computeIfAbsent(suffix, s -> new Seen(model, tensor.shape(), tensor.dtype()));
        if (first.model.equals(model) || first.shape.equals(tensor.shape())) {
            return;
        }
        String why =
                first.model
                        .sizesUnlike(model)
                        .orElseGet(
                                () ->
                                        "`%s` is %s in '%s' and %s in '%s'"
                                                .formatted(
                                                        suffix,
                                                        first.shape,
                                                        first.model.label(),
                                                        tensor.shape(),
                                                        model.label()));
        faults.note(
                new TensorFaults.Fault(
                        Severity.ERROR,
                        "PLN-022",
                        Optional.of(slice.at()),
                        "layers of different sizes cannot be stacked, "
                                + why
                                + "; it would not load",
                        "stack layers of models of one size"),
                tensor.name());
    }
}
