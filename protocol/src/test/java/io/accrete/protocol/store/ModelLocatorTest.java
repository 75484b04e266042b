package io.accrete.protocol.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class ModelLocatorTest {

    @TempDir Path folder;
    private Path here;
    private Path models;
    private Path cache;
    private ModelLocator locator;

    @BeforeEach
    void makeFolders() throws IOException {
        here = Files.createDirectory(folder.resolve("here"));
        models = Files.createDirectory(folder.resolve("models"));
        cache = Files.createDirectory(folder.resolve("cache"));
        locator = new ModelLocator(here, List.of(models), cache);
    }

    @Test
    void aPathComesFirst() throws IOException {
        Path relative = Files.createDirectories(here.resolve("org/name"));
        Files.createDirectories(models.resolve("org/name"));

        assertThat(find("org/name")).contains(relative);
        assertThat(find("./org/../org/name")).hasValueSatisfying(p -> assertThat(p).exists());
        assertThat(find(relative.toString())).contains(relative);
    }

    @Test
    void thenFoldersOfModelsWithOrWithoutTheOrganisation() throws IOException {
        Path plain = Files.createDirectories(models.resolve("name"));
        assertThat(find("org/name")).contains(plain);
        Path full = Files.createDirectories(models.resolve("org/name"));
        assertThat(find("org/name")).contains(full);
    }

    @Test
    void thenTheCacheThroughItsReferences() throws IOException {
        Path first = snapshot("org", "name", "aaa", "main");
        Path second = snapshot("org", "name", "bbb", "refs/pr/1");

        assertThat(find("org/name")).contains(first);
        assertThat(find("org/name", "bbb")).contains(second);
        assertThat(find("org/name", "refs/pr/1")).contains(second);
        assertThat(find("org/name", "nothing")).isEmpty();
    }

    @Test
    void aRevisionIsTakenFromTheCacheUnlessThePathExists() throws IOException {
        Files.createDirectories(models.resolve("org/name"));
        assertThat(find("org/name", "main")).isEmpty();
        Path snapshot = snapshot("org", "name", "aaa", "main");
        assertThat(find("org/name", "main")).contains(snapshot);
        Path here = Files.createDirectories(this.here.resolve("org/name"));
        assertThat(find("org/name", "main")).contains(here);
    }

    @Test
    void oneSnapshotWithoutReferencesIsTaken() throws IOException {
        Path only = cache.resolve("models--org--name/snapshots/ccc");
        Files.createDirectories(only);
        assertThat(find("org/name")).contains(only);
        Files.createDirectories(only.resolveSibling("ddd"));
        assertThat(find("org/name")).isEmpty();
    }

    @Test
    void aReferenceCannotLeadOutOfTheCache() throws IOException {
        Files.createDirectories(cache.resolve("models--org--name/snapshots"));
        Path refs = Files.createDirectories(cache.resolve("models--org--name/refs"));
        Files.writeString(refs.resolve("main"), "../../../here");

        assertThat(find("org/name")).isEmpty();
        assertThat(find("org/name", "../../../here")).isEmpty();
    }

    @Test
    void saysWhereItLooked() {
        ModelLocator.Search search = locator.locate("org/name", Optional.empty());
        assertThat(search.folder()).isEmpty();
        assertThat(search.lookedAt())
                .containsExactly(
                        here.resolve("org/name"),
                        models.resolve("org/name"),
                        models.resolve("name"),
                        cache.resolve("models--org--name"));
        assertThat(locator.locate("a/b", Optional.empty()).where())
                .isEqualTo(
                        "looked at %s, %s, %s, %s"
                                .formatted(
                                        here.resolve("a/b"),
                                        models.resolve("a/b"),
                                        models.resolve("b"),
                                        cache.resolve("models--a--b")));
        assertThat(locator.locate("a\0b", Optional.empty()).folder()).isEmpty();
        assertThat(locator.locate("a\0b", Optional.empty()).where())
                .isEqualTo("no folder can have that name");
    }

    @Test
    void theHomeIsWhatTheEnvironmentSays() {
        assertThat(ModelLocator.of(here, List.of(), Map.of("HOME", "/home/u")).hubCache())
                .isEqualTo(Path.of("/home/u/.cache/huggingface/hub"));
        assertThat(ModelLocator.of(here, List.of(), Map.of("HOME", "")).hubCache())
                .isEqualTo(Path.of(System.getProperty("user.home"), ".cache/huggingface/hub"));
    }

    @Test
    void theCacheIsWhereTheVariablesSay() {
        Path home = Path.of("/home/u");
        assertThat(ModelLocator.hubCache(Map.of(), home))
                .isEqualTo(Path.of("/home/u/.cache/huggingface/hub"));
        assertThat(ModelLocator.hubCache(Map.of("HF_HOME", "/h"), home))
                .isEqualTo(Path.of("/h/hub"));
        assertThat(ModelLocator.hubCache(Map.of("HF_HUB_CACHE", "/c", "HF_HOME", "/h"), home))
                .isEqualTo(Path.of("/c"));
        assertThat(ModelLocator.hubCache(Map.of("XDG_CACHE_HOME", "/x"), home))
                .isEqualTo(Path.of("/x/huggingface/hub"));
    }

    private Path snapshot(String org, String name, String commit, String reference)
            throws IOException {
        Path repository = cache.resolve("models--" + org + "--" + name);
        Path ref = repository.resolve("refs").resolve(reference);
        Files.createDirectories(ref.getParent());
        Files.writeString(ref, commit);
        return Files.createDirectories(repository.resolve("snapshots").resolve(commit));
    }

    private Optional<Path> find(String name) {
        return locator.locate(name, Optional.empty()).folder();
    }

    private Optional<Path> find(String name, String revision) {
        return locator.locate(name, Optional.of(revision)).folder();
    }
}
