package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.coordinator.recipe.ParameterValue;
import io.accrete.coordinator.recipe.ParameterValue.Branch;
import io.accrete.coordinator.recipe.ParameterValue.Conditional;
import io.accrete.coordinator.recipe.Parameters;
import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Finds filters of parameters that no tensor matches: the value beside them is never used. */
final class FilterCheck {
    private static final int EXAMPLES_MAX = 8;

    private FilterCheck() {}

    static void check(MergeRecipe recipe, List<PlannedTensor> tensors, ProblemList problems) {
        Map<String, Position> filters = filters(recipe);
        if (filters.isEmpty()) {
            return;
        }
        Set<String> names = new HashSet<>();
        tensors.forEach(tensor -> names.add(tensor.output().name()));
        filters.forEach(
                (filter, at) -> {
                    if (names.stream().noneMatch(name -> name.contains(filter))) {
                        problems.warning(
                                "PLN-059",
                                at,
                                "the filter '%s' is part of no tensor's name: its value is never"
                                                .formatted(filter)
                                        + " used",
                                "parts of names are, for example, " + examples(names));
                    }
                });
    }

    /** Each once, where it stands first. */
    private static Map<String, Position> filters(MergeRecipe recipe) {
        Map<String, Position> filters = new LinkedHashMap<>();
        levels(recipe)
                .flatMap(level -> level.values().values().stream())
                .map(Located::value)
                .forEach(value -> collect(value, filters));
        return filters;
    }

    private static Stream<Parameters> levels(MergeRecipe recipe) {
        Stream<Parameters> modules = recipe.modules().stream().flatMap(FilterCheck::levels);
        return Stream.concat(Stream.of(recipe.parameters()), modules);
    }

    private static Stream<Parameters> levels(ModuleRecipe module) {
        return Stream.of(
                        Stream.of(module.parameters()),
                        module.models().stream().map(source -> source.parameters()),
                        module.slices().stream().map(slice -> slice.parameters()),
                        module.slices().stream()
                                .flatMap(slice -> slice.sources().stream())
                                .map(source -> source.parameters()))
                .flatMap(levels -> levels);
    }

    private static void collect(ParameterValue value, Map<String, Position> filters) {
        if (value instanceof Conditional conditional) {
            for (Branch branch : conditional.branches()) {
                branch.filter()
                        .filter(filter -> !filter.equals("*"))
                        .ifPresent(filter -> filters.putIfAbsent(filter, branch.value().at()));
            }
        }
    }

    /** The parts that most names have: {@code self_attn}, {@code mlp}, {@code q_proj}. */
    private static String examples(Set<String> names) {
        Map<String, Integer> counts = new HashMap<>();
        for (String name : names) {
            for (String part : name.split("\\.", -1)) {
                if (!part.chars().allMatch(Character::isDigit) && !part.equals("weight")) {
                    counts.merge(part, 1, Integer::sum);
                }
            }
        }
        return String.join(
                ", ",
                counts.entrySet().stream()
                        .sorted(
                                Map.Entry.<String, Integer>comparingByValue()
                                        .reversed()
                                        .thenComparing(Map.Entry.comparingByKey()))
                        .filter(part -> !part.getKey().equals("model"))
                        .filter(part -> !part.getKey().equals("layers"))
                        .limit(EXAMPLES_MAX)
                        .map(Map.Entry::getKey)
                        .toList());
    }
}
