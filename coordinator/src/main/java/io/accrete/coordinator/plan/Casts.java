package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.yaml.Located;
import io.accrete.protocol.tensor.DType;

import java.util.Collection;
import java.util.Optional;

/**
 * The element types that a recipe wants.
 *
 * @param input cast to on load, before any arithmetic
 * @param output cast to on save
 */
record Casts(Optional<DType> input, Optional<DType> output) {

    static Casts of(MergeRecipe recipe, ProblemList problems) {
        return new Casts(named(recipe.dtype(), problems), named(recipe.outDtype(), problems));
    }

    private static Optional<DType> named(Optional<Located<String>> name, ProblemList problems) {
        Optional<DType> type = name.flatMap(n -> Promotion.named(n.value()));
        if (name.isPresent() && type.isEmpty()) {
            problems.error(
                    "PLN-036",
                    name.get().at(),
                    "weights cannot be cast to %s".formatted(name.get().value()),
                    "write bfloat16, float16, float32 or float64");
        }
        return type;
    }

    /** What a method yields for inputs of these types. */
    DType result(Collection<DType> types) {
        return input.orElseGet(() -> Promotion.of(types));
    }

    /** What is written for inputs of these types. */
    DType saved(Collection<DType> types) {
        return output.orElseGet(() -> result(types));
    }

    /** Whether bfloat16 values, which reach 3e38, are put into float16, which reaches 65504. */
    boolean narrow(Collection<DType> types) {
        if (types.isEmpty()) {
            return false;
        }
        boolean onLoad = input.map(i -> i == DType.F16 && types.contains(DType.BF16)).orElse(false);
        return onLoad || result(types) == DType.BF16 && saved(types) == DType.F16;
    }

    /** What config.json has to say, if the recipe decides. */
    Optional<DType> written() {
        return output.or(() -> input);
    }
}
