package io.accrete.coordinator.recipe;

import io.accrete.coordinator.recipe.ParameterValue.Branch;
import io.accrete.coordinator.recipe.ParameterValue.Conditional;
import io.accrete.coordinator.recipe.ParameterValue.Gradient;
import io.accrete.coordinator.recipe.ParameterValue.Scalar;
import io.accrete.coordinator.yaml.Located;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The values that parameters have for a tensor, from the levels of a recipe, the most specific
 * first. A level decides if it has the parameter and, where it has filters, one that matches;
 * otherwise the next level is asked, and last the method's default.
 */
public final class ParameterLookup {
    private final MergeMethod method;
    private final List<Parameters> levels;

    private ParameterLookup(MergeMethod method, List<Parameters> levels) {
        this.method = method;
        this.levels = List.copyOf(levels);
    }

    /** Of the shared parameters of a slice: what its sources say is not looked at. */
    public static ParameterLookup shared(
            MergeMethod method, MergeRecipe recipe, ModuleRecipe module, Parameters slice) {
        return new ParameterLookup(
                method, List.of(slice, module.parameters(), recipe.parameters()));
    }

    /**
     * Of the parameters of one input.
     *
     * @param source what the input itself says; {@link Parameters#NONE} for a base model that the
     *     {@code models} form adds
     * @param slice {@link Parameters#NONE} in the {@code models} form
     */
    public static ParameterLookup ofInput(
            MergeMethod method,
            MergeRecipe recipe,
            ModuleRecipe module,
            Parameters slice,
            Parameters source) {
        return new ParameterLookup(
                method, List.of(source, slice, module.parameters(), recipe.parameters()));
    }

    /** A number as written, else its default; empty if it has neither. */
    public OptionalDouble number(String parameter, String tensor, double t) {
        return value(parameter, tensor, t)
                .map(v -> OptionalDouble.of(((Number) v).doubleValue()))
                .orElseGet(OptionalDouble::empty);
    }

    /** A flag as written, else its default. */
    public Optional<Boolean> flag(String parameter, String tensor, double t) {
        return value(parameter, tensor, t).map(v -> (Boolean) v);
    }

    private Optional<Object> value(String parameter, String tensor, double t) {
        return find(parameter, tensor, t)
                .map(Located::value)
                .or(() -> method.parameter(parameter).flatMap(MethodParameter::fallback));
    }

    /**
     * The value that the recipe gives, and where; empty if it gives none.
     *
     * @param tensor the name that filters are compared with
     * @param t where the layer lies in its slice, from 0 to 1
     */
    public Optional<Located<Object>> find(String parameter, String tensor, double t) {
        for (Parameters level : levels) {
            Optional<Located<Object>> found =
                    level.value(parameter).flatMap(written -> evaluate(written, tensor, t));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Whether some level has a value for at least some tensors, be it one with an error. */
    boolean isGiven(String parameter) {
        return levels.stream()
                .anyMatch(
                        level ->
                                level.unreadable().contains(parameter)
                                        || level.value(parameter)
                                                .map(written -> hasValue(written.value()))
                                                .orElse(false));
    }

    private static boolean hasValue(ParameterValue value) {
        return switch (value) {
            case Scalar scalar -> true;
            case Gradient gradient -> !gradient.points().isEmpty();
            case Conditional conditional ->
                    conditional.branches().stream().anyMatch(b -> hasValue(b.value().value()));
        };
    }

    /** The value, flags as 0 and 1, if it is plain to see that it is the same for all tensors. */
    OptionalDouble constant(String parameter) {
        for (Parameters level : levels) {
            if (level.unreadable().contains(parameter)) {
                return OptionalDouble.empty();
            }
            Optional<Located<ParameterValue>> written = level.value(parameter);
            if (written.isPresent()) {
                return written.get().value() instanceof Scalar scalar
                        ? ScalarValue.number(scalar.raw())
                        : OptionalDouble.empty();
            }
        }
        return method.parameter(parameter)
                .flatMap(MethodParameter::fallback)
                .map(ScalarValue::number)
                .orElseGet(OptionalDouble::empty);
    }

    private static Optional<Located<Object>> evaluate(
            Located<ParameterValue> written, String tensor, double t) {
        return switch (written.value()) {
            case Scalar scalar -> Optional.of(new Located<>(scalar.raw(), written.at()));
            case Gradient gradient ->
                    interpolate(gradient, t).map(v -> new Located<>(v, written.at()));
            case Conditional conditional ->
                    conditional.branches().stream()
                            .filter(branch -> matches(branch, tensor))
                            .findFirst()
                            .flatMap(branch -> evaluate(branch.value(), tensor, t));
        };
    }

    private static boolean matches(Branch branch, String tensor) {
        return branch.filter().map(f -> f.equals("*") || tensor.contains(f)).orElse(true);
    }

    private static Optional<Object> interpolate(Gradient gradient, double t) {
        List<Object> points = new ArrayList<>();
        gradient.points().forEach(point -> points.add(point.value().raw()));
        if (points.isEmpty()) {
            return Optional.empty();
        }
        double scaled = t * (points.size() - 1);
        int low = (int) scaled;
        if (!points.stream().allMatch(Number.class::isInstance)) {
            return Optional.of(points.get(low));
        }
        int high = Math.min(points.size() - 1, low + 1);
        double part = scaled - low;
        double before = ((Number) points.get(low)).doubleValue();
        double after = ((Number) points.get(high)).doubleValue();
        return Optional.of((1 - part) * before + part * after);
    }
}
