package io.accrete.protocol.model;

import io.accrete.protocol.safetensors.Excerpt;

import java.util.Collection;
import java.util.stream.Collectors;

/** Many names in one sentence: the first few, and how many more. */
final class Names {

    private static final int SHOWN = 3;

    private Names() {}

    static String list(Collection<String> names) {
        String first =
                names.stream().limit(SHOWN).map(Excerpt::of).collect(Collectors.joining(", "));
        return names.size() > SHOWN
                ? "%s and %d more".formatted(first, names.size() - SHOWN)
                : first;
    }
}
