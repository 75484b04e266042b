package io.accrete.worker.tensor;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * The folder into which libtorch is unpacked once, about 450 MB; the one thing that is written
 * outside a job's own folders.
 *
 * <p>In this order: what {@code DJL_CACHE_DIR} names; {@code cache} in the distribution, where its
 * folder is known and writable; {@code accrete} in the user's cache folder.
 */
final class NativeCache {
    /** System property that the launcher sets to the folder of the distribution. */
    static final String HOME_PROPERTY = "accrete.home";

    private NativeCache() {}

    static Path folder(
            Map<String, String> environment, Function<String, @Nullable String> property) {
        String chosen = environment.get("DJL_CACHE_DIR");
        if (chosen == null) {
            chosen = property.apply("DJL_CACHE_DIR");
        }
        if (chosen != null && !chosen.isBlank()) {
            return Path.of(chosen);
        }
        String home = property.apply(HOME_PROPERTY);
        if (home != null && !home.isBlank()) {
            Path inDistribution = Path.of(home, "cache");
            if (Files.isWritable(
                    Files.isDirectory(inDistribution) ? inDistribution : Path.of(home))) {
                return inDistribution;
            }
        }
        String userCache = environment.get("XDG_CACHE_HOME");
        if (userCache != null && Path.of(userCache).isAbsolute()) {
            return Path.of(userCache, "accrete");
        }
        return Path.of(String.valueOf(property.apply("user.home")), ".cache", "accrete");
    }
}
