package io.accrete.coordinator.finetune;

import io.accrete.coordinator.recipe.LayerRange;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ModelName;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.coordinator.recipe.Parameters;
import io.accrete.coordinator.recipe.SliceRecipe;
import io.accrete.coordinator.recipe.SourceRecipe;
import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a recipe makes, as far as a training can start from it without a merge. */
sealed interface RecipeStack {

    /**
     * Layers of one model, as they are there.
     *
     * @param layers for each site the layer that it comes from
     * @param types that the result is to have, where the recipe says so
     */
    record Layers(String model, List<Integer> layers, List<Located<String>> types)
            implements RecipeStack {}

    /**
     * A result that has to be computed first.
     *
     * @param why as the beginning of a sentence
     */
    record Computed(Position at, String why) implements RecipeStack {}

    static RecipeStack of(MergeRecipe recipe) {
        ModuleRecipe module = recipe.modules().getFirst();
        List<SliceRecipe> slices = module.slices();
        return beyondLayers(recipe)
                .or(() -> slices.stream().flatMap(s -> beyondLayers(s).stream()).findFirst())
                .or(() -> otherModel(recipe, slices))
                .orElseGet(() -> layers(recipe, slices));
    }

    private static RecipeStack layers(MergeRecipe recipe, List<SliceRecipe> slices) {
        List<Integer> layers = new ArrayList<>();
        for (SliceRecipe slice : slices) {
            LayerRange range = slice.sources().getFirst().layers().orElseThrow().value();
            IntStream.range(range.start(), range.end()).forEach(layers::add);
        }
        String model = slices.getFirst().sources().getFirst().model().value().path();
        List<Located<String>> types =
                Stream.concat(recipe.dtype().stream(), recipe.outDtype().stream()).toList();
        return new Layers(model, List.copyOf(layers), types);
    }

    private static Optional<RecipeStack> beyondLayers(MergeRecipe recipe) {
        if (!recipe.method().value().equals("passthrough")) {
            return computed(
                    recipe.method().at(), "it computes weights by " + recipe.method().value());
        }
        if (recipe.modules().size() > 1 || recipe.modules().getFirst().slices().isEmpty()) {
            return computed(recipe.at(), "its result is not a list of slices");
        }
        if (recipe.tokenizer().isPresent()) {
            return computed(recipe.tokenizer().get().at(), "it makes a tokenizer");
        }
        if (recipe.chatTemplate().isPresent()) {
            return computed(recipe.chatTemplate().get().at(), "it sets a chat template");
        }
        return scaled(recipe.parameters())
                .or(() -> scaled(recipe.modules().getFirst().parameters()));
    }

    private static Optional<RecipeStack> beyondLayers(SliceRecipe slice) {
        if (slice.sources().size() != 1) {
            return computed(slice.at(), "this slice has several sources");
        }
        SourceRecipe source = slice.sources().getFirst();
        ModelName model = source.model().value();
        if (source.layers().isEmpty()) {
            return computed(source.at(), "this source has no `layer_range`");
        }
        if (model.revision().isPresent()
                || model.lora().isPresent()
                || model.overrideArchitecture().isPresent()) {
            return computed(source.model().at(), "'%s' is more than a model".formatted(model));
        }
        return scaled(slice.parameters()).or(() -> scaled(source.parameters()));
    }

    private static Optional<RecipeStack> otherModel(MergeRecipe recipe, List<SliceRecipe> slices) {
        ModelName one = slices.getFirst().sources().getFirst().model().value();
        Stream<Located<ModelName>> named =
                Stream.concat(
                        slices.stream().map(slice -> slice.sources().getFirst().model()),
                        Stream.concat(
                                recipe.baseModel().stream(),
                                slices.stream().flatMap(slice -> slice.baseModel().stream())));
        return named.filter(model -> !model.value().equals(one))
                .findFirst()
                .flatMap(
                        model ->
                                computed(
                                        model.at(),
                                        "it takes from two models, '%s' and '%s'"
                                                .formatted(one, model.value())));
    }

    private static Optional<RecipeStack> scaled(Parameters parameters) {
        return parameters.values().entrySet().stream()
                .findFirst()
                .flatMap(
                        entry ->
                                computed(
                                        entry.getValue().at(),
                                        "`%s` changes weights".formatted(entry.getKey())));
    }

    private static Optional<RecipeStack> computed(Position at, String why) {
        return Optional.of(new Computed(at, why));
    }
}
