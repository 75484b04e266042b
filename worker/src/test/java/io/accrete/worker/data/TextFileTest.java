package io.accrete.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class TextFileTest {
    @TempDir private Path folder;

    @Test
    void aTextBeyondTheMemoryForItIsRefusedBeforeItIsRead() throws IOException {
        Path file = Files.writeString(folder.resolve("t.txt"), "größer");
        assertThat(TextFile.read(file, 8)).isEqualTo("größer");
        assertThatThrownBy(() -> TextFile.read(file, 7))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("it has 8 bytes; in the memory of this process at most 7");
    }

    @Test
    void whatIsNoTextIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("t.txt"), new byte[] {'a', (byte) 0xFF});
        assertThatThrownBy(() -> TextFile.read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("it is no text in UTF-8");
    }
}
