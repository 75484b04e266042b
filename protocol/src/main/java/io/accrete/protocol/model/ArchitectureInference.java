package io.accrete.protocol.model;

import io.accrete.protocol.model.Architecture.Origin;
import io.accrete.protocol.model.Weight.Role;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells the layers of an unknown architecture from the names of its tensors. */
final class ArchitectureInference {

    private static final Pattern LAYER = Pattern.compile("^(|.*?\\.)(\\d{1,6})\\..+$");
    private static final Pattern EMBEDDING =
            Pattern.compile(
                    "(^|.*\\.)(embed_tokens|tok_embeddings|word_embeddings|embed_in|wte|embeddings?)"
                        + "\\.weight");
    private static final Pattern HEAD =
            Pattern.compile("(^|.*\\.)(lm_head|embed_out|output|output_layer)\\.weight");
    private static final List<String> LATE =
            List.of("norm", "ln_f", "head", "output", "score", "embed_out", "classifier");

    private ArchitectureInference() {}

    /** The layers are the numbered group that the configuration counts, else the largest. */
    static Optional<Architecture> infer(ModelConfig config, Collection<String> tensors) {
        long counted = config.layers().orElse(-1);
        return groups(tensors).values().stream()
                .max(
                        Comparator.comparing((Group group) -> group.layers.size() == counted)
                                .thenComparingInt(group -> group.tensors))
                .map(group -> architecture(config, group.prefix, tensors));
    }

    /** How many layers each numbered group has, by the prefix of its tensors. */
    static SortedMap<String, Integer> layerCounts(Collection<String> tensors) {
        SortedMap<String, Integer> counts = new TreeMap<>();
        groups(tensors).forEach((prefix, group) -> counts.put(prefix, group.layers.size()));
        return counts;
    }

    private static Map<String, Group> groups(Collection<String> tensors) {
        Map<String, Group> groups = new TreeMap<>();
        for (String tensor : tensors) {
            Matcher numbered = LAYER.matcher(tensor);
            if (numbered.matches()) {
                Group group = groups.computeIfAbsent(numbered.group(1), Group::new);
                group.layers.add(Integer.parseInt(numbered.group(2)));
                group.tensors++;
            }
        }
        return groups;
    }

    /** Whether a tensor outside of the layers comes after them, by the words in its name. */
    static boolean isLate(String tensor) {
        return LATE.stream().anyMatch(tensor::contains);
    }

    private static Architecture architecture(
            ModelConfig config, String layerPrefix, Collection<String> tensors) {
        Map<String, Weight> before = new LinkedHashMap<>();
        Map<String, Weight> after = new LinkedHashMap<>();
        for (String tensor : tensors) {
            if (tensor.startsWith(layerPrefix) && LAYER.matcher(tensor).matches()) {
                continue;
            }
            if (HEAD.matcher(tensor).matches()) {
                after.put(tensor, weight(Role.HEAD));
            } else if (EMBEDDING.matcher(tensor).matches()) {
                before.put(tensor, weight(Role.EMBEDDING));
            } else {
                (isLate(tensor) ? after : before).put(tensor, weight(Role.OTHER));
            }
        }
        String name = config.architecture().or(config::modelType).orElse("unknown");
        return new Architecture(
                name, Origin.INFERRED, layerPrefix, false, false, before, Map.of(), after);
    }

    private static Weight weight(Role role) {
        return new Weight(role, Optional.empty(), true, Optional.empty(), Optional.empty());
    }

    private static final class Group {

        private final String prefix;
        private final Set<Integer> layers = new HashSet<>();
        private int tensors;

        private Group(String prefix) {
            this.prefix = prefix;
        }
    }
}
