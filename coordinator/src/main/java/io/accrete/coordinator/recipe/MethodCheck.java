package io.accrete.coordinator.recipe;

import io.accrete.coordinator.recipe.InputContract.BaseRule;
import io.accrete.coordinator.recipe.MethodParameter.Scope;
import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Words;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Whether the slices of a recipe give its method the models and parameters that it needs. */
final class MethodCheck {
    private final MergeMethod method;
    private final MergeRecipe recipe;
    private final ProblemLog log;

    MethodCheck(MergeMethod method, MergeRecipe recipe, ProblemLog log) {
        this.method = method;
        this.recipe = recipe;
        this.log = log;
    }

    void run() {
        for (ModuleRecipe module : recipe.modules()) {
            if (!module.models().isEmpty()) {
                check(module, MergeInputs.ofModels(recipe, module));
            }
            for (SliceRecipe slice : module.slices()) {
                MergeInputs inputs = MergeInputs.ofSlice(recipe, slice);
                check(module, inputs);
                lengths(slice);
            }
            layers(module);
        }
    }

    private void check(ModuleRecipe module, MergeInputs inputs) {
        if (duplicates(inputs) || !base(inputs) || !count(inputs)) {
            return;
        }
        boolean complete = true;
        for (MethodParameter parameter : method.parameters()) {
            if (parameter.required()) {
                complete &= given(parameter, module, inputs);
            }
        }
        if (complete) {
            weights(module, inputs);
            epsilon(module, inputs);
        }
    }

    private boolean duplicates(MergeInputs inputs) {
        boolean found = false;
        Map<ModelName, Integer> lines = new HashMap<>();
        for (SourceRecipe source : inputs.sources()) {
            Integer line = lines.putIfAbsent(source.model().value(), source.model().at().line());
            if (line != null) {
                found = true;
                log.error(
                        RecipeFault.INPUTS,
                        source.model().at(),
                        "model '"
                                + shown(source.model().value())
                                + "' is an input of this slice already, in line "
                                + line,
                        "name each model once in a slice; layers of one model one after the other"
                                + " are two slices");
            }
        }
        return found;
    }

    private boolean base(MergeInputs inputs) {
        BaseRule rule = method.inputs().base();
        if (rule == BaseRule.IGNORED) {
            return true;
        }
        Optional<Located<ModelName>> base = inputs.base();
        if (base.isEmpty()) {
            if (rule == BaseRule.REQUIRED) {
                log.error(
                        RecipeFault.INPUTS,
                        recipe.method().at(),
                        method.name() + " needs a base_model",
                        "add `base_model: ` and the model that the others started from");
            }
            return rule != BaseRule.REQUIRED;
        }
        if (inputs.basePosition() < 0) {
            log.error(
                    RecipeFault.INPUTS,
                    inputs.at(),
                    "base_model '"
                            + shown(base.get().value())
                            + "' is not among the sources of"
                            + " this slice, and "
                            + method.name()
                            + " needs it there",
                    "list it as a source; in `slices` it is not added by itself");
            return false;
        }
        return true;
    }

    private boolean count(MergeInputs inputs) {
        InputContract contract = method.inputs();
        int all = inputs.sources().size();
        int others =
                inputs.basePosition() < 0 || contract.base() == BaseRule.IGNORED ? all : all - 1;
        boolean enough = all >= contract.fewest() && others >= contract.fewestOthers();
        if (enough && all <= contract.most() && others <= contract.mostOthers()) {
            return true;
        }
        log.error(
                RecipeFault.INPUTS,
                enough ? inputs.sources().getLast().model().at() : inputs.at(),
                method.name()
                        + " takes "
                        + contract.words()
                        + "; here "
                        + (contract.base() == BaseRule.OPTIONAL
                                ? others + (others == 1 ? " is" : " are") + " given beside it"
                                : all + (all == 1 ? " is" : " are") + " given")
                        + (inputs.baseAdded() ? ", base_model among them" : ""),
                enough ? "remove models, or choose another method" : "add models");
        return false;
    }

    private boolean given(MethodParameter parameter, ModuleRecipe module, MergeInputs inputs) {
        if (parameter.scope() == Scope.SHARED) {
            ParameterLookup lookup =
                    ParameterLookup.shared(method, recipe, module, inputs.parameters());
            if (!lookup.isGiven(parameter.name())) {
                missing(parameter, inputs.at(), "for this slice", "`parameters: {t: 0.5}`");
                return false;
            }
            return true;
        }
        boolean complete = true;
        for (int i = 0; i < inputs.sources().size(); i++) {
            SourceRecipe source = inputs.sources().get(i);
            boolean spared = parameter.scope() == Scope.OTHER_INPUT && i == inputs.basePosition();
            if (!spared && !lookup(module, inputs, source).isGiven(parameter.name())) {
                String whose =
                        "for model '"
                                + shown(source.model().value())
                                + "'"
                                + (inputs.baseAdded() && i == inputs.basePosition()
                                        ? ", which is an input because it is the base_model"
                                        : "");
                missing(parameter, source.at(), whose, "`parameters: {weight: 0.5}`");
                complete = false;
            }
        }
        return complete;
    }

    private void missing(MethodParameter parameter, Position at, String whose, String example) {
        log.error(
                RecipeFault.PARAMETER_MISSING,
                at,
                method.name()
                        + " needs the parameter '"
                        + parameter.name()
                        + "' "
                        + whose
                        + ", and no level gives it",
                "add it, for example "
                        + example
                        + (parameter.scope() == Scope.SHARED
                                ? ", to the slice or at the top level, not under a model"
                                : ""));
    }

    private ParameterLookup lookup(ModuleRecipe module, MergeInputs inputs, SourceRecipe source) {
        return ParameterLookup.ofInput(
                method, recipe, module, inputs.parameters(), source.parameters());
    }

    /** Weights that are the same for all tensors; others are for the planner to add up. */
    private void weights(ModuleRecipe module, MergeInputs inputs) {
        Optional<String> normalize = WeightSum.normalizedBy(method);
        if (normalize.isEmpty()) {
            return;
        }
        OptionalDouble flag =
                ParameterLookup.shared(method, recipe, module, inputs.parameters())
                        .constant(normalize.get());
        List<Double> weights = new ArrayList<>();
        for (int i = 0; i < inputs.sources().size(); i++) {
            if (method.inputs().base() == BaseRule.IGNORED || i != inputs.basePosition()) {
                OptionalDouble weight =
                        lookup(module, inputs, inputs.sources().get(i)).constant("weight");
                if (weight.isEmpty()) {
                    return;
                }
                weights.add(weight.getAsDouble());
            }
        }
        if (flag.orElse(0) != 0 && WeightSum.vanishes(weights)) {
            log.error(
                    RecipeFault.WEIGHTS_SUM_TO_ZERO,
                    inputs.at(),
                    "the weights "
                            + weights
                            + " sum to zero, and "
                            + method.name()
                            + " divides by their sum: every weight would become NaN or infinite",
                    "change a weight, or write `" + normalize.get() + ": false`");
        }
    }

    private void epsilon(ModuleRecipe module, MergeInputs inputs) {
        if (!method.name().startsWith("della")) {
            return;
        }
        for (int i = 0; i < inputs.sources().size(); i++) {
            SourceRecipe source = inputs.sources().get(i);
            ParameterLookup lookup = lookup(module, inputs, source);
            OptionalDouble density = lookup.constant("density");
            OptionalDouble epsilon = lookup.constant("epsilon");
            if (i == inputs.basePosition() || density.isEmpty() || epsilon.isEmpty()) {
                continue;
            }
            double d = density.getAsDouble();
            double e = epsilon.getAsDouble();
            if (d > 0 && d < 1 && (d - e <= 0 || d + e >= 1)) {
                log.error(
                        RecipeFault.PARAMETER_RANGE,
                        source.at(),
                        "density %s - epsilon %s and density + epsilon must lie between 0 and 1"
                                .formatted(d, e),
                        "choose epsilon below " + Math.min(d, 1 - d));
            }
        }
    }

    private void lengths(SliceRecipe slice) {
        Located<LayerRange> first = slice.sources().getFirst().layers().orElseThrow();
        for (SourceRecipe source : slice.sources()) {
            Located<LayerRange> range = source.layers().orElseThrow();
            if (range.value().length() != first.value().length()) {
                log.error(
                        RecipeFault.UNEQUAL_LENGTHS,
                        range.at(),
                        "this source has %d layers and the first one of the slice, in line %d, has %d"
                                .formatted(
                                        range.value().length(),
                                        first.at().line(),
                                        first.value().length()),
                        "all sources of a slice need equally many layers; layers one after the"
                                + " other are several slices");
            }
        }
    }

    private void layers(ModuleRecipe module) {
        boolean none =
                module.slices().stream()
                        .flatMap(slice -> slice.sources().stream())
                        .allMatch(source -> source.layers().orElseThrow().value().length() == 0);
        if (!module.slices().isEmpty() && none) {
            log.error(
                    RecipeFault.NO_LAYERS,
                    module.slices().getFirst().at(),
                    "all slices are empty: the model would have no layers",
                    "the end of a layer_range is exclusive: [2, 3] is layer 2");
        }
    }

    private static String shown(ModelName name) {
        return Words.shortened(name.toString());
    }
}
