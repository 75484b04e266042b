package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class RootsTest {
    @TempDir Path folder;
    private Path first;
    private Path second;
    private Roots roots;

    @BeforeEach
    void make() throws IOException {
        first = Files.createDirectories(folder.toRealPath().resolve("first"));
        second = Files.createDirectories(folder.toRealPath().resolve("second/deep"));
        roots = Roots.of(List.of(first, second), first.resolve("state"));
    }

    @Test
    void anOutputLiesBelowARoot() {
        assertThat(roots.resolve("out")).hasValue(first.resolve("out"));
        assertThat(roots.resolve("a/../out")).hasValue(first.resolve("out"));
        assertThat(roots.resolve(second.resolve("out").toString())).hasValue(second.resolve("out"));
        assertThat(roots.resolve("../out")).isEmpty();
    }

    @Test
    void nothingIsPublishedBesideTheJournalOfTheServer() throws IOException {
        Files.createDirectory(first.resolve("state"));
        Files.createSymbolicLink(second.resolve("alias"), first.resolve("state"));

        assertThat(roots.resolve("state")).isEmpty();
        assertThat(roots.resolve("state/out")).isEmpty();
        assertThat(roots.resolve(second.resolve("alias/out").toString())).isEmpty();
        assertThat(roots.resolve("state-2")).hasValue(first.resolve("state-2"));
    }

    @Test
    void aRootIsNoOutput() throws IOException {
        Files.createSymbolicLink(first.resolve("back"), second);

        assertThat(roots.resolve(".")).isEmpty();
        assertThat(roots.resolve("")).isEmpty();
        assertThat(roots.resolve("a/..")).isEmpty();
        assertThat(roots.resolve(second.toString())).isEmpty();
        assertThat(roots.resolve("back")).isEmpty();
        assertThat(roots.resolve("back/out")).hasValue(second.resolve("out"));
    }
}
