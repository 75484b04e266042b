package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeMethod;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ModelName;
import io.accrete.coordinator.recipe.ModuleRecipe;
import io.accrete.coordinator.yaml.Located;

/** What a recipe may say but cannot be run yet: one sentence each. */
final class Refusals {
    private Refusals() {}

    static void check(MergeRecipe recipe, MergeMethod method, ProblemList problems) {
        if (!method.runs()) {
            problems.error(
                    "PLN-001",
                    recipe.method().at(),
                    "merge method %s does not run yet; passthrough, linear and slerp do"
                            .formatted(method.name()),
                    "choose one of these, or run this recipe with mergekit");
        }
        for (Located<ModelName> model : Catalog.references(recipe)) {
            model.value()
                    .lora()
                    .ifPresent(
                            lora ->
                                    problems.error(
                                            "PLN-002",
                                            model.at(),
                                            ("LoRA references do not run yet: '%s' asks for"
                                                            + " adapter '%s'")
                                                    .formatted(model.value(), lora.path()),
                                            "merge the adapter into its model first, and name the"
                                                    + " result"));
        }
        for (ModuleRecipe module : recipe.modules()) {
            if (!module.name().value().equals("default")) {
                problems.error(
                        "PLN-003",
                        module.name().at(),
                        ("models with several modules do not run yet, and a model with one"
                                        + " has no module '%s'")
                                .formatted(module.name().value()),
                        "call the module `default`, or write `slices` at the top");
            }
        }
        recipe.chatTemplate()
                .filter(template -> ChatTemplates.text(template.value()).isEmpty())
                .ifPresent(
                        template ->
                                problems.error(
                                        "PLN-004",
                                        template.at(),
                                        "chat_template: %s does not run yet"
                                                .formatted(template.value()),
                                        "paste the template, or leave it out to keep that of the"
                                                + " base model"));
    }
}
