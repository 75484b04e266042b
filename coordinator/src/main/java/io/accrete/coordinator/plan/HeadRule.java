package io.accrete.coordinator.plan;

import java.util.List;

/**
 * Where the embedding and the head of the output come from. Never is a head lost, and never is one
 * written that a loader would ignore.
 *
 * @param separate whether the output has a head of its own
 * @param tied what its config.json has to say
 * @param embeddingName of the output; empty if the architecture has none
 * @param headName of the output; empty if the architecture has none
 */
record HeadRule(boolean separate, boolean tied, String embeddingName, String headName) {

    static HeadRule of(Stack stack, CatalogModel donor, ProblemList problems) {
        List<CatalogModel> first = stack.first().inputs().stream().map(SliceInput::model).toList();
        List<CatalogModel> last = stack.last().inputs().stream().map(SliceInput::model).toList();
        String embedding = first.getFirst().embeddingName().orElse("");
        String head =
                last.stream()
                        .flatMap(model -> model.headName().stream())
                        .findFirst()
                        .or(donor::headName)
                        .orElse("");
        boolean someOwn = last.stream().anyMatch(CatalogModel::hasOwnHead);
        boolean someUntied = last.stream().anyMatch(model -> !model.tied());
        if (someOwn && donor.tied() && someUntied) {
            warnIgnored(stack, donor, head, problems);
            return new HeadRule(true, false, embedding, head);
        }
        if (someOwn) {
            return new HeadRule(true, donor.tied(), embedding, head);
        }
        if (!donor.tied() && !head.isEmpty()) {
            warnLost(stack, donor, last.getFirst(), head, problems);
            return new HeadRule(true, false, embedding, head);
        }
        boolean underHeadName = first.stream().allMatch(CatalogModel::storesOnlyHead);
        return new HeadRule(false, donor.tied(), underHeadName ? head : embedding, "");
    }

    private static void warnIgnored(
            Stack stack, CatalogModel donor, String head, ProblemList problems) {
        problems.warning(
                "PLN-042",
                stack.last().at(),
                "config.json comes from '%s', which uses its embedding as head, and the last slice"
                                .formatted(donor.label())
                        + " has a head of its own: `tie_word_embeddings` becomes false (mergekit"
                        + " leaves it, and loaders then ignore `%s`)".formatted(head),
                "set `base_model` to the model that gives the last slice, if this is what"
                        + " you want");
    }

    private static void warnLost(
            Stack stack, CatalogModel donor, CatalogModel last, String head, ProblemList problems) {
        problems.warning(
                "PLN-041",
                stack.last().at(),
                ("config.json comes from '%s', which has a head of its own, and '%s' of the last"
                     + " slice uses its embedding as head: `%s` is written with that embedding"
                     + " (mergekit writes none, and loaders then make one up)")
                        .formatted(donor.label(), last.label(), head),
                "take the last slice from '%s', or append an empty slice [n, n] of it"
                        .formatted(donor.label()));
    }
}
