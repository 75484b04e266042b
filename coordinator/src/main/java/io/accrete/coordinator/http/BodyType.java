package io.accrete.coordinator.http;

import java.util.Locale;
import java.util.Optional;

/** How the body of a submission is written. */
enum BodyType {
    JSON,
    YAML;

    /** What a body counts as whose type is not said. */
    private static final String UNSAID = "application/octet-stream";

    /**
     * By any of the names that they have had; those of the forms of a page, which browsers send to
     * any site unasked, are not among them.
     *
     * @param mediaType without parameters
     */
    static Optional<BodyType> of(String mediaType) {
        String name = mediaType.toLowerCase(Locale.ROOT);
        String kind = name.substring(name.indexOf('/') + 1);
        if (name.equals(UNSAID) || kind.equals("json") || kind.endsWith("+json")) {
            return Optional.of(JSON);
        }
        boolean yaml = kind.equals("yaml") || kind.equals("x-yaml") || kind.endsWith("+yaml");
        return yaml ? Optional.of(YAML) : Optional.empty();
    }
}
