package io.accrete.protocol.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** What there is of paths that may not be there yet. */
public final class ExistingPath {
    private ExistingPath() {}

    /** The path itself, or the nearest folder above it that exists. */
    public static Path nearest(Path path) {
        Path place = path.toAbsolutePath();
        while (place.getParent() != null && !Files.exists(place)) {
            place = place.getParent();
        }
        return place;
    }

    /**
     * The path without links: those of what exists are followed, what does not exist yet has none.
     *
     * @throws IOException if a link leads nowhere, or what exists cannot be read
     */
    public static Path real(Path path) throws IOException {
        Path whole = path.toAbsolutePath().normalize();
        Path existing = whole;
        while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        return existing.toRealPath().resolve(existing.relativize(whole)).normalize();
    }
}
