package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.SourceText;
import io.accrete.coordinator.yaml.TextKind;
import io.accrete.coordinator.yaml.Words;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlTree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads recipes as mergekit 0.1.5 does, and finds what is wrong with them, all at once. */
public final class RecipeReader {
    /** More than any recipe has; what is longer is something else. */
    public static final int BYTES_MAX = 4 << 20;

    static final TextKind KIND = new TextKind("recipe", "RCP", UnknownKey::report);

    private RecipeReader() {}

    /**
     * @param fileName what the recipe is called in messages
     * @param strict what mergekit swallows is an error
     */
    public static ParsedRecipe read(String fileName, String text, boolean strict) {
        ProblemLog log = new ProblemLog(KIND, strict);
        SourceText source = new SourceText(fileName, text);
        List<YamlNode> nodes = YamlTree.read(source, log);
        List<YamlNode> written = nodes.stream().filter(node -> !node.isNull()).toList();
        if (written.isEmpty() && !log.hasErrors()) {
            log.error(
                    RecipeFault.NOT_A_RECIPE,
                    source.atIndex(0),
                    "the file is empty, or has comments only",
                    "a recipe is a mapping that begins with `merge_method: ...`");
        }
        List<MergeRecipe> documents = new ArrayList<>();
        for (YamlNode node : written) {
            new DocumentReader(log, text).read(node).ifPresent(documents::add);
        }
        if (written.size() > 1) {
            names(documents, log);
        }
        return new ParsedRecipe(documents, log.inOrder());
    }

    private static void names(List<MergeRecipe> documents, ProblemLog log) {
        Map<String, Integer> lines = new HashMap<>();
        for (MergeRecipe document : documents) {
            String name = document.name().map(Located::value).orElse("");
            Position at = document.name().map(Located::at).orElse(document.at());
            Integer before = lines.putIfAbsent(name, at.line());
            if (before != null) {
                log.error(
                        RecipeFault.DOCUMENT_NAME,
                        at,
                        name.isEmpty()
                                ? "this recipe has no name, nor has the one in line "
                                        + before
                                        + "; only the last recipe of a file may have none"
                                : "the name '"
                                        + Words.shortened(name)
                                        + "' is taken by the recipe in line "
                                        + before,
                        "give each recipe of a file a `name` of its own");
            }
        }
    }
}
