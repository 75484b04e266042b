package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.protocol.merge.Site;

import java.util.List;
import java.util.regex.Pattern;

/** The text of the model card, {@code README.md}. */
final class CardText {
    static final String FILE = "README.md";

    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9][\\w.-]*/[\\w.-]+");

    private CardText() {}

    /**
     * @param title name of the output folder
     */
    static String of(
            String title, MergeRecipe recipe, Catalog catalog, List<Site> sites, long parameters) {
        StringBuilder text = new StringBuilder("---\n");
        List<String> hub =
                catalog.all().stream()
                        .map(model -> model.name().path())
                        .filter(path -> HUB_NAME.matcher(path).matches())
                        .distinct()
                        .toList();
        if (!hub.isEmpty()) {
            text.append("base_model:\n");
            hub.forEach(name -> text.append("- ").append(name).append('\n'));
        }
        text.append("library_name: transformers\ntags:\n- mergekit\n- merge\n- accrete\n---\n");
        text.append("# ").append(title).append("\n\n");
        text.append("A merge of pre-trained language models, made with Accrete from a mergekit")
                .append(" recipe.\n\n");
        text.append("* method: `").append(recipe.method().value()).append("`\n");
        recipe.baseModel()
                .ifPresent(
                        base -> text.append("* base model: `").append(base.value()).append("`\n"));
        text.append("* models: ");
        text.append(
                String.join(
                        ", ",
                        catalog.all().stream().map(model -> "`" + model.label() + "`").toList()));
        long clones = sites.stream().filter(site -> site.occurrence() > 0).count();
        text.append("\n* layers: ").append(sites.size());
        if (clones > 0) {
            text.append(", of which ").append(clones).append(" are copies of others");
        }
        text.append("\n* parameters: ").append("%,d".formatted(parameters)).append("\n\n");
        text.append("The lineage of every layer is in `accrete.json`.\n\n## Recipe\n\n");
        String fence = recipe.text().contains("```") ? "````" : "```";
        text.append(fence).append("yaml\n").append(recipe.text().strip()).append('\n');
        return text.append(fence).append('\n').toString();
    }
}
