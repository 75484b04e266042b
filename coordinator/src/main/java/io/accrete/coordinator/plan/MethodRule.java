package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeMethod;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.coordinator.recipe.ParameterLookup;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorOp.Weighted;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How the recipe's method makes an output tensor of its parts.
 *
 * @param complete whether the recipe was read without errors, so that a missing value is one
 */
record MethodRule(
        MergeMethod method,
        MergeRecipe recipe,
        ModuleRecipe module,
        boolean complete,
        Optional<DType> input,
        TensorFaults faults) {

    /** A sum of weights below this says nothing about the direction in which to go. */
    private static final double LEAST_WEIGHT_SUM = 1e-6;

    /** Beyond this a factor takes ordinary weights (about 0.02, seldom above 8) out of float16. */
    private static final double FACTOR_FOR_FLOAT16 = 1000;

    /**
     * @param parts at least one, all of floating types and one shape
     * @param t where the layer lies in its slice
     * @param result the type that the method yields
     * @param output the tensor to make
     */
    TensorOp apply(OutputSlice slice, List<Part> parts, double t, DType result, TensorSpec output) {
        return switch (method.name()) {
            case "linear" -> linear(slice, parts, output.name(), t, result);
            case "slerp" -> slerp(slice, parts, t, result, output);
            default -> passthrough(slice, parts.getFirst(), t, result, output.dtype());
        };
    }

    private TensorOp passthrough(
            OutputSlice slice, Part part, double t, DType result, DType saved) {
        OptionalDouble scale = lookup(slice, part).number("scale", part.name(), t);
        // a factor of 1 changes no value, so that the bytes may stay undecoded
        if (scale.isEmpty() || scale.getAsDouble() == 1) {
            return move(part, result, saved);
        }
        double factor = finite(scale.getAsDouble(), "scale", part.input().at(), part.name());
        if (result == DType.F16 && Math.abs(factor) >= FACTOR_FOR_FLOAT16) {
            faults.warning(
                    "PLN-034",
                    part.input().at(),
                    "scale %s can leave the range of float16 (65504)".formatted(factor),
                    "use dtype bfloat16 or float32, or a smaller scale",
                    part.name());
        }
        return new TensorOp.Convert(part.source(), input, result, Optional.of(factor));
    }

    private TensorOp move(Part part, DType result, DType saved) {
        return result == part.source().dtype() && saved == result
                ? new TensorOp.Copy(part.source())
                : new TensorOp.Convert(part.source(), input, result, Optional.empty());
    }

    private TensorOp linear(
            OutputSlice slice, List<Part> parts, String output, double t, DType result) {
        List<Weighted> inputs = new ArrayList<>();
        float sum = 0;
        boolean given = true;
        for (Part part : parts) {
            OptionalDouble weight = lookup(slice, part).number("weight", part.name(), t);
            if (weight.isEmpty()) {
                given = false;
                missing("weight", part.input().at(), part.input().model().label(), part.name());
                continue;
            }
            double value = finite(weight.getAsDouble(), "weight", part.input().at(), part.name());
            sum += (float) value;
            inputs.add(new Weighted(part.source(), value));
        }
        boolean normalize = shared(slice).flag("normalize", output, t).orElse(true);
        if (given && complete && normalize && Math.abs(sum) < LEAST_WEIGHT_SUM) {
            faults.error(
                    "PLN-032",
                    slice.at(),
                    "the weights sum to zero, and a normalised sum divides by that",
                    "give weights with another sum, or set `normalize: false`",
                    output);
        }
        return new TensorOp.Linear(inputs, normalize, input, result);
    }

    private TensorOp slerp(
            OutputSlice slice, List<Part> parts, double t, DType result, TensorSpec output) {
        if (parts.size() == 1) {
            return move(parts.getFirst(), result, output.dtype());
        }
        Part first = parts.getFirst();
        boolean firstIsBase = slice.base().map(first.input()::equals).orElse(true);
        Part base = firstIsBase ? first : parts.get(1);
        Part other = firstIsBase ? parts.get(1) : first;
        OptionalDouble weight = shared(slice).number("t", output.name(), t);
        if (weight.isEmpty()) {
            missing("t", slice.at(), "this slice", output.name());
        }
        double value = finite(weight.orElse(0), "t", slice.at(), output.name());
        return new TensorOp.Slerp(base.source(), other.source(), value, input, result);
    }

    private ParameterLookup shared(OutputSlice slice) {
        return ParameterLookup.shared(method, recipe, module, slice.parameters());
    }

    private ParameterLookup lookup(OutputSlice slice, Part part) {
        return ParameterLookup.ofInput(
                method, recipe, module, slice.parameters(), part.input().parameters());
    }

    private void missing(String parameter, Position at, String where, String tensor) {
        if (complete) {
            faults.error(
                    "PLN-030",
                    at,
                    "`%s` is required and has no value in %s for".formatted(parameter, where),
                    "add a value without a filter, which holds for all other tensors",
                    tensor);
        }
    }

    private double finite(double value, String parameter, Position at, String tensor) {
        if (!Double.isFinite(value)) {
            faults.error(
                    "PLN-031",
                    at,
                    "`%s` is %s, which is not a finite number, for".formatted(parameter, value),
                    "write a finite number",
                    tensor);
        }
        return value;
    }
}
