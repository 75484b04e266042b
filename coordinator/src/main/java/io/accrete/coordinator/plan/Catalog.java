package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ModelName;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.coordinator.recipe.SliceRecipe;
import io.accrete.coordinator.yaml.Located;
import io.accrete.protocol.job.Problem;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The models that a recipe names, as far as they were found and can be read.
 *
 * @param models in the order of {@link #references}
 * @param problems of finding and reading them
 */
public record Catalog(Map<ModelName, CatalogModel> models, List<Problem> problems) {
    public Catalog {
        models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
        problems = List.copyOf(problems);
    }

    /** Every reference to a model in a recipe: the base model first, then in recipe order. */
    public static List<Located<ModelName>> references(MergeRecipe recipe) {
        List<Located<ModelName>> references = new ArrayList<>();
        recipe.baseModel().ifPresent(references::add);
        for (ModuleRecipe module : recipe.modules()) {
            module.models().forEach(source -> references.add(source.model()));
            for (SliceRecipe slice : module.slices()) {
                slice.sources().forEach(source -> references.add(source.model()));
                slice.baseModel().ifPresent(references::add);
            }
        }
        return references;
    }

    Optional<CatalogModel> find(ModelName name) {
        return Optional.ofNullable(models.get(name));
    }

    Collection<CatalogModel> all() {
        return models.values();
    }
}
