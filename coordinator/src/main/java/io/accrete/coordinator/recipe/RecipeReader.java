package io.accrete.coordinator.recipe;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads recipes as mergekit 0.1.5 does, and finds what is wrong with them, all at once. */
public final class RecipeReader {
    private RecipeReader() {}

    /**
     * @param fileName what the recipe is called in messages
     * @param strict what mergekit swallows is an error
     */
    public static ParsedRecipe read(String fileName, String text, boolean strict) {
        ProblemLog log = new ProblemLog(strict);
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

    /** As the other, of a file's bytes, which must be UTF-8. */
    public static ParsedRecipe read(String fileName, byte[] content, boolean strict) {
        CharBuffer text = CharBuffer.allocate(content.length);
        CoderResult result =
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content), text, true);
        text.flip();
        if (!result.isError()) {
            return read(fileName, text.toString(), strict);
        }
        int index = text.length();
        ProblemLog log = new ProblemLog(strict);
        log.error(
                RecipeFault.CHARACTERS,
                new SourceText(fileName, text + "\uFFFD").atIndex(index),
                "the file is not UTF-8: the byte 0x%02X cannot stand here"
                        .formatted(
                                content[text.toString().getBytes(StandardCharsets.UTF_8).length]),
                "save the file as UTF-8");
        return new ParsedRecipe(List.of(), log.inOrder());
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
