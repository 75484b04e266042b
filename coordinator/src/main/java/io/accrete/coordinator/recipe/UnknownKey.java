package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Words;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import java.util.List;
import java.util.Map;

/** What to say of a key that mergekit would ignore. */
final class UnknownKey {
    /** Keys of other places of a recipe, and where they belong. */
    private static final Map<String, String> ELSEWHERE =
            Map.ofEntries(
                    Map.entry("merge_method", "to the top level"),
                    Map.entry("base_model", "to the top level, or beside `sources` of a slice"),
                    Map.entry("dtype", "to the top level"),
                    Map.entry("out_dtype", "to the top level"),
                    Map.entry("tokenizer_source", "to the top level"),
                    Map.entry("tokenizer", "to the top level"),
                    Map.entry("chat_template", "to the top level"),
                    Map.entry("slices", "to the top level, or under a module"),
                    Map.entry("models", "to the top level, or under a module"),
                    Map.entry("modules", "to the top level"),
                    Map.entry("sources", "to an entry of `slices`"),
                    Map.entry("layer_range", "beside `model` in an entry of `sources`"),
                    Map.entry("model", "to an entry of `models` or `sources`"),
                    Map.entry("pad_to_multiple_of", "under `tokenizer`"),
                    Map.entry("tokens", "under `tokenizer`"));

    private UnknownKey() {}

    static void report(Scalar key, String section, List<String> known, ProblemLog log) {
        String name = key.text();
        if (name.startsWith("x-")) {
            // by custom the place for anchors
            return;
        }
        String found = "key '" + Words.shortened(name) + "' ";
        if (name.equals("residual_weight") || name.equals("embed_slerp")) {
            log.slip(
                    RecipeFault.DEAD_KEY,
                    key.at(),
                    found + "has no effect: mergekit has not read it for a long time",
                    "remove it");
            return;
        }
        log.slip(
                YamlFault.UNKNOWN_KEY,
                key.at(),
                found
                        + "means nothing in "
                        + section
                        + " and is ignored; allowed are "
                        + String.join(", ", known),
                fix(name, known));
    }

    private static String fix(String name, List<String> known) {
        String meant = Words.didYouMean(name, known);
        if (!meant.isEmpty()) {
            return meant;
        }
        if (MethodTable.parameterNames().contains(name)) {
            return "move it under `parameters`";
        }
        String place = ELSEWHERE.get(name);
        return place == null ? near(name) : "move it " + place;
    }

    /** A slip of the pen in a key that belongs somewhere else. */
    private static String near(String name) {
        String parameter = Words.didYouMean(name, MethodTable.parameterNames());
        if (!parameter.isEmpty()) {
            return parameter + " then move it under `parameters`";
        }
        return Words.closest(name, ELSEWHERE.keySet())
                .map(key -> "did you mean '%s'? then move it %s".formatted(key, ELSEWHERE.get(key)))
                .orElse("remove it");
    }
}
