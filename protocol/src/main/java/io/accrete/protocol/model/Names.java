package io.accrete.protocol.model;

import java.util.Collection;
import java.util.stream.Collectors;

/** Many names in one sentence: the first few, and how many more. */
final class Names {

    private static final int SHOWN = 3;

    private Names() {}

    static String list(Collection<String> names) {
        String first =
                names.stream()
                        .limit(SHOWN)
                        .map(name -> "`" + name + "`")
                        .collect(Collectors.joining(", "));
        return names.size() > SHOWN
                ? "%s and %d more".formatted(first, names.size() - SHOWN)
                : first;
    }
}
