package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class NativeCacheTest {
    @TempDir Path home;

    @Test
    void theUsersChoiceComesFirst() {
        Map<String, String> environment = Map.of("DJL_CACHE_DIR", "/chosen");

        assertThat(NativeCache.folder(environment, Map.of("accrete.home", home.toString())::get))
                .isEqualTo(Path.of("/chosen"));
    }

    @Test
    void aWritableDistributionHoldsItsOwnCache() {
        assertThat(NativeCache.folder(Map.of(), Map.of("accrete.home", home.toString())::get))
                .isEqualTo(home.resolve("cache"));
    }

    @Test
    void elseItIsInTheUsersCacheFolder() throws Exception {
        Path missing = Files.createDirectory(home.resolve("x")).resolve("missing");
        Map<String, String> properties =
                Map.of("accrete.home", missing.toString(), "user.home", "/home/ada");

        assertThat(NativeCache.folder(Map.of(), properties::get))
                .isEqualTo(Path.of("/home/ada/.cache/accrete"));
        assertThat(NativeCache.folder(Map.of("XDG_CACHE_HOME", "/caches"), properties::get))
                .isEqualTo(Path.of("/caches/accrete"));
    }
}
