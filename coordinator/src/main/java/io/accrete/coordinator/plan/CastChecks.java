package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.yaml.Located;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.tensor.DType;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the element types of a whole plan give cause to say. */
final class CastChecks {
    private CastChecks() {}

    static void check(
            List<PlannedTensor> tensors,
            MergeRecipe recipe,
            CatalogModel donor,
            Casts casts,
            ProblemList problems) {
        boolean narrow =
                tensors.stream()
                        .map(t -> sources(t.op()).map(SourceTensor::dtype).toList())
                        .anyMatch(casts::narrow);
        if (narrow) {
            Located<String> at = recipe.outDtype().or(recipe::dtype).orElseThrow();
            problems.warning(
                    "PLN-035",
                    at.at(),
                    "bfloat16 weights are cast to float16: values beyond 65504 become infinite"
                            + " (they are counted, and end the merge)",
                    "write bfloat16, unless what reads the output cannot");
        }
        Set<DType> written = OutputTypes.of(tensors).prevailing();
        boolean asConfigured =
                donor.config().dtype().map(type -> written.equals(Set.of(type))).orElse(true);
        if (casts.written().isEmpty() && !asConfigured) {
            problems.warning(
                    "PLN-037",
                    recipe.at(),
                    ("the sources have several element types: the output has %s, its"
                                    + " config.json says %s")
                            .formatted(
                                    written.stream()
                                            .map(DType::name)
                                            .sorted()
                                            .collect(Collectors.joining(" and ")),
                                    donor.config()
                                            .dtype()
                                            .map(Promotion::nameOf)
                                            .orElse("nothing of it")),
                    "write `dtype:` to have one type");
        }
    }

    private static Stream<SourceTensor> sources(TensorOp op) {
        return switch (op) {
            case TensorOp.Copy copy -> Stream.of(copy.source());
            case TensorOp.Convert convert -> Stream.of(convert.source());
            case TensorOp.Linear linear -> linear.inputs().stream().map(i -> i.source());
            case TensorOp.Slerp slerp -> Stream.of(slerp.base(), slerp.other());
        };
    }
}
