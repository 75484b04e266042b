package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class JournalTest {
    @TempDir Path folder;

    @Test
    void aJournalIsOpenedAgainAfterItWasClosed() throws IOException {
        Path home = folder.resolve("with blanks and ü");
        Journal.open(home).close();
        try (Journal journal = Journal.open(home)) {
            assertThat(journal.config().getString("akka.persistence.journal.plugin"))
                    .isEqualTo("jdbc-journal");
        }
        assertThat(home.resolve("journal.mv.db")).isNotEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {";", "\\"})
    void aPathThatTheDatabaseWouldMisreadIsRefused(String sign) {
        assertThatThrownBy(() -> Journal.open(folder.resolve("a" + sign + "b")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a path with `" + sign + "`");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "a%20b", "a?b#c", "a:b", "a'b\"c", "a$b", "~", "\u00e9\ud83d\ude42"})
    void otherPathsAreTakenAsTheyStand(String name) throws IOException {
        Journal.open(folder.resolve(name)).close();
        assertThat(folder.resolve(name).resolve("journal.mv.db")).isNotEmptyFile();
        assertThat(folder.toFile().list()).containsExactly(name);
    }

    @Test
    void onlyADamagedJournalIsCalledDamaged() throws IOException {
        Path damaged = Files.createDirectories(folder.resolve("damaged"));
        Files.writeString(damaged.resolve("journal.mv.db"), "no database".repeat(1000));
        assertThatThrownBy(() -> Journal.open(damaged))
                .hasMessageContainingAll("it is damaged", "delete " + folder + " to begin anew");

        Path occupied = folder.resolve("occupied");
        Files.createDirectories(occupied.resolve("journal.mv.db"));
        assertThatThrownBy(() -> Journal.open(occupied))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be opened: ")
                .hasMessageNotContainingAny("damaged", "delete", "\n");
    }

    @Test
    void aFileInPlaceOfTheFolderIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> Journal.open(file)).isInstanceOf(IOException.class);
    }
}
