package io.accrete.coordinator.recipe;

import io.accrete.coordinator.recipe.MethodParameter.Range;
import io.accrete.coordinator.recipe.MethodParameter.Scope;
import io.accrete.coordinator.recipe.MethodParameter.Type;
import io.accrete.coordinator.recipe.ParameterValue.Branch;
import io.accrete.coordinator.recipe.ParameterValue.Conditional;
import io.accrete.coordinator.recipe.ParameterValue.Gradient;
import io.accrete.coordinator.recipe.ParameterValue.Scalar;
import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Words;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Gives each parameter of a recipe the type that its method declares, or says what is wrong. */
final class ParameterTyping {
    private final MergeMethod method;
    private final ProblemLog log;

    ParameterTyping(MergeMethod method, ProblemLog log) {
        this.method = method;
        this.log = log;
    }

    MergeRecipe apply(MergeRecipe recipe) {
        return new MergeRecipe(
                recipe.at(),
                recipe.method(),
                recipe.modules().stream().map(this::module).toList(),
                recipe.baseModel(),
                recipe.dtype(),
                recipe.outDtype(),
                typed(recipe.parameters(), false),
                recipe.tokenizer(),
                recipe.chatTemplate(),
                recipe.name(),
                recipe.text());
    }

    private ModuleRecipe module(ModuleRecipe module) {
        return new ModuleRecipe(
                module.name(),
                module.slices().stream().map(this::slice).toList(),
                module.models().stream().map(this::source).toList(),
                typed(module.parameters(), false));
    }

    private SliceRecipe slice(SliceRecipe slice) {
        return new SliceRecipe(
                slice.at(),
                slice.sources().stream().map(this::source).toList(),
                slice.baseModel(),
                typed(slice.parameters(), false));
    }

    private SourceRecipe source(SourceRecipe source) {
        return new SourceRecipe(
                source.at(), source.model(), source.layers(), typed(source.parameters(), true));
    }

    private Parameters typed(Parameters parameters, boolean underSource) {
        Map<String, Located<ParameterValue>> values = new LinkedHashMap<>();
        Set<String> unreadable = new HashSet<>(parameters.unreadable());
        parameters
                .values()
                .forEach(
                        (name, written) -> {
                            Optional<MethodParameter> known = method.parameter(name);
                            if (known.isEmpty()) {
                                unknown(name, written.at());
                            } else if (underSource && known.get().scope() == Scope.SHARED) {
                                misplaced(name, written.at());
                            } else {
                                typed(known.get(), written)
                                        .ifPresentOrElse(
                                                v ->
                                                        values.put(
                                                                name,
                                                                new Located<>(v, written.at())),
                                                () -> unreadable.add(name));
                            }
                        });
        return new Parameters(values, unreadable);
    }

    private void unknown(String name, Position at) {
        List<String> known = method.parameters().stream().map(MethodParameter::name).toList();
        List<String> others =
                MethodTable.all().stream()
                        .filter(other -> other.parameter(name).isPresent())
                        .map(MergeMethod::name)
                        .toList();
        String meant = others.isEmpty() ? Words.didYouMean(name, known) : "";
        log.slip(
                RecipeFault.PARAMETER_UNKNOWN,
                at,
                "parameter '"
                        + Words.shortened(name)
                        + "' has no effect: "
                        + method.name()
                        + (known.isEmpty()
                                ? " takes no parameters"
                                : " takes " + String.join(", ", known))
                        + (others.isEmpty() ? "" : "; it belongs to " + String.join(", ", others)),
                meant.isEmpty() ? "remove it" : meant);
    }

    private void misplaced(String name, Position at) {
        log.slip(
                RecipeFault.PARAMETER_MISPLACED,
                at,
                "parameter '"
                        + name
                        + "' is shared by all inputs of "
                        + method.name()
                        + ": under a model it has no effect",
                "move it to `parameters` of the slice, or to those of the top level");
    }

    private Optional<ParameterValue> typed(
            MethodParameter parameter, Located<ParameterValue> written) {
        return switch (written.value()) {
            case Scalar scalar -> scalar(parameter, scalar, written.at()).map(s -> s);
            case Gradient gradient -> gradient(parameter, gradient, written.at()).map(g -> g);
            case Conditional conditional -> conditional(parameter, conditional).map(c -> c);
        };
    }

    private Optional<Conditional> conditional(MethodParameter parameter, Conditional written) {
        List<Branch> branches = new ArrayList<>();
        boolean complete = true;
        for (Branch branch : written.branches()) {
            Optional<ParameterValue> value = typed(parameter, branch.value());
            value.ifPresent(
                    v ->
                            branches.add(
                                    new Branch(
                                            branch.filter(),
                                            new Located<>(v, branch.value().at()))));
            complete &= value.isPresent();
        }
        unreachable(parameter, written);
        return complete ? Optional.of(new Conditional(branches)) : Optional.empty();
    }

    private void unreachable(MethodParameter parameter, Conditional written) {
        boolean decided = false;
        for (Branch branch : written.branches()) {
            if (decided) {
                log.slip(
                        RecipeFault.PARAMETER_FORM,
                        branch.value().at(),
                        "this value of '"
                                + parameter.name()
                                + "' is never used: an earlier entry of the list holds for every"
                                + " tensor, and the first match decides",
                        "move the entry without a filter to the end");
                return;
            }
            decided = branch.filter().map(f -> f.equals("*")).orElse(true);
        }
    }

    private Optional<Gradient> gradient(MethodParameter parameter, Gradient written, Position at) {
        List<Located<Scalar>> points = new ArrayList<>();
        boolean complete = true;
        for (Located<Scalar> point : written.points()) {
            Optional<Scalar> value = scalar(parameter, point.value(), point.at());
            value.ifPresent(v -> points.add(new Located<>(v, point.at())));
            complete &= value.isPresent();
        }
        long different = points.stream().map(Located::value).distinct().count();
        if (complete && parameter.type() == Type.COUNT && different > 1) {
            log.error(
                    RecipeFault.PARAMETER_TYPE,
                    at,
                    "'"
                            + parameter.name()
                            + "' is a whole number; a gradient would give fractions"
                            + " between its points",
                    "write one number");
            return Optional.empty();
        }
        return complete ? Optional.of(new Gradient(points)) : Optional.empty();
    }

    private Optional<Scalar> scalar(MethodParameter parameter, Scalar written, Position at) {
        Object raw = written.raw();
        return switch (parameter.type()) {
            case FLAG -> {
                Optional<Boolean> flag = ScalarValue.flag(raw);
                if (flag.isEmpty()) {
                    wrongType(parameter, raw, at);
                }
                yield flag.map(Scalar::new);
            }
            case COUNT -> {
                OptionalLong count = ScalarValue.count(raw);
                if (count.isEmpty()) {
                    wrongType(parameter, raw, at);
                    yield Optional.empty();
                }
                yield inRange(parameter, count.getAsLong(), at)
                        ? Optional.of(new Scalar(count.getAsLong()))
                        : Optional.empty();
            }
            case NUMBER -> {
                var number = ScalarValue.number(raw);
                if (number.isEmpty()) {
                    wrongType(parameter, raw, at);
                    yield Optional.empty();
                }
                yield inRange(parameter, number.getAsDouble(), at)
                        ? Optional.of(new Scalar(number.getAsDouble()))
                        : Optional.empty();
            }
        };
    }

    private void wrongType(MethodParameter parameter, Object raw, Position at) {
        log.error(
                RecipeFault.PARAMETER_TYPE,
                at,
                "'"
                        + parameter.name()
                        + "' is '"
                        + Words.shortened(String.valueOf(raw))
                        + "'; it must be "
                        + parameter.type().words(),
                parameter.type() == Type.FLAG ? "write true or false" : "write it in digits");
    }

    private boolean inRange(MethodParameter parameter, double value, Position at) {
        Range range = parameter.range();
        if (!(Math.abs(value) <= Float.MAX_VALUE)) {
            log.error(
                    RecipeFault.PARAMETER_RANGE,
                    at,
                    "'"
                            + parameter.name()
                            + "' is "
                            + value
                            + ": every weight would become NaN or"
                            + " infinite; it must be a finite 32-bit number",
                    "write a number, " + range.words());
            return false;
        }
        if (range.holds(value)) {
            return true;
        }
        String message =
                "'"
                        + parameter.name()
                        + "' is "
                        + value
                        + "; it "
                        + (range.strictly() ? "must be " : "is usually ")
                        + range.words();
        if (range.strictly()) {
            log.error(RecipeFault.PARAMETER_RANGE, at, message, "write a number " + range.words());
            return false;
        }
        log.slip(
                RecipeFault.PARAMETER_RANGE,
                at,
                message + ", and beyond that the models are extrapolated",
                "write a number " + range.words() + ", unless that is meant");
        return true;
    }
}
