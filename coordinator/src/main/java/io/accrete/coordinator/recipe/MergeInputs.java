package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The models that are merged into one slice, in the order in which a method gets them.
 *
 * @param at where the slice is written
 * @param base what is the base model here, among the inputs or not
 * @param baseAdded whether the last input is a base model that the recipe does not list
 * @param parameters of the slice itself
 */
record MergeInputs(
        Position at,
        List<SourceRecipe> sources,
        Optional<Located<ModelName>> base,
        boolean baseAdded,
        Parameters parameters) {
    MergeInputs {
        sources = List.copyOf(sources);
    }

    /** The {@code models} form: a base model that is not listed is one more input, at the end. */
    static MergeInputs ofModels(MergeRecipe recipe, ModuleRecipe module) {
        List<SourceRecipe> sources = new ArrayList<>(module.models());
        Optional<Located<ModelName>> base = recipe.baseModel();
        boolean added = base.isPresent() && position(sources, base.get().value()) < 0;
        if (added) {
            sources.add(
                    new SourceRecipe(
                            base.get().at(), base.get(), Optional.empty(), Parameters.NONE));
        }
        return new MergeInputs(
                module.models().getFirst().at(), sources, base, added, Parameters.NONE);
    }

    /** The {@code slices} form: the base model must be listed where it takes part. */
    static MergeInputs ofSlice(MergeRecipe recipe, SliceRecipe slice) {
        return new MergeInputs(
                slice.at(),
                slice.sources(),
                slice.baseModel().or(recipe::baseModel),
                false,
                slice.parameters());
    }

    /** Which of the sources is the base model; -1 if none is. */
    int basePosition() {
        return base.map(model -> position(sources, model.value())).orElse(-1);
    }

    private static int position(List<SourceRecipe> sources, ModelName model) {
        for (int i = 0; i < sources.size(); i++) {
            if (sources.get(i).model().value().equals(model)) {
                return i;
            }
        }
        return -1;
    }
}
