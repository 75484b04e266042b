package io.accrete.protocol.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class LineageTest {
    @TempDir private Path folder;

    @Test
    void everyLayerOfAPlainModelComesFromItself() {
        Lineage plain = Lineage.plain("m", 2);
        assertThat(plain.sites())
                .containsExactly(new Site(0, "m", 0, 0, 1), new Site(1, "m", 1, 0, 1));
        assertThat(plain.hasClones()).isFalse();
    }

    @Test
    void chosenLayersAreCountedBySource() {
        Lineage grown = Lineage.plain("m", 3).choose(List.of(0, 1, 0, 2, 0));
        assertThat(grown.sites())
                .containsExactly(
                        new Site(0, "m", 0, 0, 3),
                        new Site(1, "m", 1, 0, 1),
                        new Site(2, "m", 0, 1, 3),
                        new Site(3, "m", 2, 0, 1),
                        new Site(4, "m", 0, 2, 3));
        assertThat(grown.firstSite(4)).isZero();
        assertThat(grown.choose(List.of(4, 2)).sites())
                .containsExactly(new Site(0, "m", 0, 0, 2), new Site(1, "m", 0, 1, 2));
    }

    @Test
    void aFolderWithoutTheFileHasNone() throws IOException {
        assertThat(LineageFile.read(folder, 3)).isEmpty();
    }

    @Test
    void theFileOfAMergeIsRead() throws IOException {
        write(
                """
                {"format": 1, "sites": [
                  {"site": 0, "model": "a/b", "layer": 4, "occurrence": 0, "copies": 2},
                  {"site": 1, "model": "a/b", "layer": 4, "occurrence": 1, "copies": 2}]}
                """);
        assertThat(LineageFile.read(folder, 2).orElseThrow().sites())
                .containsExactly(new Site(0, "a/b", 4, 0, 2), new Site(1, "a/b", 4, 1, 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{",
                "{\"sites\": [{}]}",
                "{\"sites\": [3]}",
                "{\"sites\": [{\"site\": 0, \"layer\": 1, \"occurrence\": 2, \"copies\": 2}]}"
            })
    void aFileThatIsNoLineageIsAFaultThatNamesIt(String text) throws IOException {
        write(text);
        assertThatThrownBy(() -> LineageFile.read(folder, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("accrete.json");
    }

    private void write(String text) throws IOException {
        Files.writeString(folder.resolve(LineageFile.NAME), text);
    }
}
