package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Sequence;

import java.util.Map;
import java.util.Optional;

/** Files that are not merge recipes, recognised by what they have instead. */
final class OtherTool {
    private static final String FORK = "a method of %s, which mergekit does not have";
    private static final String PROPOSED =
            "a method proposed for mergekit, but in no release of it";
    private static final Map<String, String> METHODS =
            Map.ofEntries(
                    Map.entry("iso_c", FORK.formatted("mergekitter")),
                    Map.entry("iso_cts", FORK.formatted("mergekitter")),
                    Map.entry("rcz", FORK.formatted("mergekitter")),
                    Map.entry("scf_rkl", FORK.formatted("mergekitter")),
                    Map.entry("core_space", PROPOSED),
                    Map.entry("cabs", PROPOSED),
                    Map.entry("lrp", PROPOSED),
                    Map.entry("opcm", PROPOSED));

    private OtherTool() {}

    /** Words for the method of another tool. */
    static Optional<String> method(String name) {
        return Optional.ofNullable(METHODS.get(name))
                .map(words -> "merge_method '" + name + "' is " + words);
    }

    /** Whether a document is no merge recipe at all; then that has been reported. */
    static boolean recognised(YamlNode node, ProblemLog log) {
        return switch (node) {
            case Mapping mapping -> mapping(mapping, log);
            case Sequence list when looksLikeSources(list) -> {
                notARecipe(
                        node,
                        "the file is a list of models with layer ranges, not a recipe",
                        "write `merge_method: passthrough` and `slices:`, and each entry as"
                                + " `- sources: [{model: ..., layer_range: ...}]`",
                        log);
                yield true;
            }
            case Sequence list -> {
                notARecipe(
                        node,
                        "the file is " + list.words() + ", not a recipe",
                        "a recipe is a mapping that begins with `merge_method: ...`",
                        log);
                yield true;
            }
            case YamlNode.Scalar scalar -> {
                notARecipe(
                        node,
                        scalar.isNull()
                                ? "the file is empty"
                                : "the file is the text " + scalar.words() + ", not a recipe",
                        "a recipe is a mapping that begins with `merge_method: ...`",
                        log);
                yield true;
            }
        };
    }

    private static boolean mapping(Mapping mapping, ProblemLog log) {
        if (mapping.entry("merge_method").isPresent()) {
            return false;
        }
        if (mapping.entry("experts").isPresent() || mapping.entry("gate_mode").isPresent()) {
            other(
                    mapping.entry(mapping.entry("experts").isPresent() ? "experts" : "gate_mode")
                            .orElseThrow(),
                    "this is a recipe for mergekit-moe, which builds a mixture of experts",
                    "run it with mergekit-moe; only recipes with a merge_method can be merged here",
                    log);
            return true;
        }
        if (mapping.entry("genome").isPresent()) {
            other(
                    mapping.entry("genome").orElseThrow(),
                    "this is a job for mergekit-evolve, which searches for a recipe",
                    "run mergekit-evolve, and merge the recipe that it finds",
                    log);
            return true;
        }
        if (mapping.entry("architectures").isPresent() && mapping.entry("model_type").isPresent()) {
            other(
                    mapping.entry("architectures").orElseThrow(),
                    "this is the configuration of a model, not a recipe",
                    "name the recipe file instead",
                    log);
            return true;
        }
        return false;
    }

    private static void other(YamlNode.Entry entry, String message, String fix, ProblemLog log) {
        log.error(RecipeFault.OTHER_TOOL, entry.key().at(), message, fix);
    }

    private static boolean looksLikeSources(Sequence list) {
        return !list.items().isEmpty()
                && list.items().getFirst() instanceof Mapping first
                && first.entry("model").isPresent();
    }

    private static void notARecipe(YamlNode node, String message, String fix, ProblemLog log) {
        log.error(RecipeFault.NOT_A_RECIPE, node.at(), message, fix);
    }
}
