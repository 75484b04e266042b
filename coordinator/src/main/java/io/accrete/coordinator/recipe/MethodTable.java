package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.MethodParameter.count;
import static io.accrete.coordinator.recipe.MethodParameter.flag;
import static io.accrete.coordinator.recipe.MethodParameter.number;
import static io.accrete.coordinator.recipe.MethodParameter.optional;
import static io.accrete.coordinator.recipe.MethodParameter.required;

import io.accrete.coordinator.recipe.MethodParameter.Range;
import io.accrete.coordinator.recipe.MethodParameter.Scope;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The merge methods of mergekit 0.1.5: their parameters, and what models they take. */
public final class MethodTable {
    private static final Map<String, MergeMethod> METHODS = new LinkedHashMap<>();

    static {
        simpleMethods();
        deltaMethods();
        taskArithmetic("task_arithmetic", false, false);
        taskArithmetic("ties", true, false);
        taskArithmetic("dare_linear", false, true);
        taskArithmetic("dare_ties", false, true);
        MethodParameter gamma = number("gamma", Scope.OTHER_INPUT, 0.01, Range.FRACTION);
        taskArithmetic("breadcrumbs", false, false, gamma);
        taskArithmetic("breadcrumbs_ties", false, false, gamma);
        MethodParameter epsilon = number("epsilon", Scope.OTHER_INPUT, 0.15, Range.FRACTION);
        taskArithmetic("della", true, true, epsilon);
        taskArithmetic("della_linear", false, true, epsilon);
    }

    private MethodTable() {}

    public static Optional<MergeMethod> find(String name) {
        return Optional.ofNullable(METHODS.get(name));
    }

    /** All of them, in the order of the documentation. */
    public static List<MergeMethod> all() {
        return List.copyOf(METHODS.values());
    }

    /** Every name that is a parameter of some method. */
    static Set<String> parameterNames() {
        return METHODS.values().stream()
                .flatMap(method -> method.parameters().stream())
                .map(MethodParameter::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static void simpleMethods() {
        runs("passthrough", InputContract.ignoring(1, 1), optional("scale"));
        runs(
                "linear",
                InputContract.anyNumber(),
                required("weight", Scope.INPUT),
                flag("normalize", true));
        runs(
                "slerp",
                InputContract.withBase(2, 2),
                required("t", Scope.SHARED, Range.USUAL_FRACTION));
        checked(
                "nuslerp",
                InputContract.beside(2, 2),
                required("weight", Scope.OTHER_INPUT),
                flag("nuslerp_flatten", true),
                flag("nuslerp_row_wise", false));
        checked(
                "multislerp",
                InputContract.besideOptionalBase(),
                required("weight", Scope.OTHER_INPUT),
                flag("normalize_weights", true),
                number("eps", Scope.SHARED, 1e-8, Range.NOT_NEGATIVE));
        checked(
                "karcher",
                InputContract.anyNumber(),
                count("max_iter", 10, Range.NOT_NEGATIVE),
                number("tol", Scope.SHARED, 1e-5, Range.NOT_NEGATIVE));
    }

    private static void deltaMethods() {
        checked(
                "model_stock",
                InputContract.withBase(3, Integer.MAX_VALUE),
                flag("filter_wise", false));
        checked(
                "nearswap",
                InputContract.withBase(2, 2),
                required("t", Scope.SHARED, Range.NOT_NEGATIVE));
        checked("arcee_fusion", InputContract.withBase(2, 2));
        checked(
                "sce",
                InputContract.withBase(),
                number("select_topk", Scope.SHARED, 1.0, Range.FRACTION),
                flag("int8_mask", false));
        MethodParameter epsilon = number("epsilon", Scope.SHARED, 1e-5, Range.NOT_NEGATIVE);
        checked("ram", InputContract.withBase(), epsilon);
        checked(
                "ramplus_tl",
                InputContract.withBase(),
                epsilon,
                number("r", Scope.SHARED, 0.1, Range.ANY),
                number("alpha", Scope.SHARED, 0.2, Range.ANY));
    }

    private static void taskArithmetic(
            String name, boolean normalize, boolean rescale, MethodParameter... further) {
        List<MethodParameter> parameters = new ArrayList<>();
        parameters.add(required("weight", Scope.OTHER_INPUT));
        parameters.add(number("density", Scope.OTHER_INPUT, 1.0, Range.FRACTION));
        parameters.addAll(List.of(further));
        parameters.add(number("lambda", Scope.SHARED, 1.0, Range.ANY));
        parameters.add(flag("normalize", normalize));
        parameters.add(flag("rescale", rescale));
        parameters.add(flag("int8_mask", false));
        METHODS.put(name, new MergeMethod(name, false, InputContract.withBase(), parameters));
    }

    private static void runs(String name, InputContract inputs, MethodParameter... parameters) {
        METHODS.put(name, new MergeMethod(name, true, inputs, List.of(parameters)));
    }

    private static void checked(String name, InputContract inputs, MethodParameter... parameters) {
        METHODS.put(name, new MergeMethod(name, false, inputs, List.of(parameters)));
    }
}
