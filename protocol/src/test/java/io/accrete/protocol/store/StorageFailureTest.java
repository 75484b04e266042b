package io.accrete.protocol.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

class StorageFailureTest {

    @Test
    void saysWhyAndWhereWithoutNamesOfClasses() {
        assertThat(StorageFailure.sentence(new AccessDeniedException("/a/b")))
                .isEqualTo("/a/b: this user may not do that here");
        assertThat(StorageFailure.sentence(new FileSystemException("/a/b", null, "Is a directory")))
                .isEqualTo("/a/b: Is a directory");
        assertThat(StorageFailure.reason(new FileSystemException("/a/b")))
                .isEqualTo("the file system does not allow it");
        assertThat(StorageFailure.sentence(new IOException())).isNotBlank();
        assertThat(StorageFailure.sentence(new IOException("it ends early")))
                .isEqualTo("it ends early");
    }

    @Test
    void aFullDiskIsKnownByTheSystemsWordsOrByWhatIsFree(@TempDir Path folder) {
        Path file = folder.resolve("x");

        assertThat(StorageFailure.isFullDisk(new IOException("No space left on device"), file, 0))
                .isTrue();
        assertThat(StorageFailure.isFullDisk(new IOException("?"), file, 0)).isFalse();
        assertThat(StorageFailure.isFullDisk(new IOException("?"), file, 1L << 60)).isTrue();
        assertThat(StorageFailure.isFullDisk(new IllegalStateException("?"), file, 1L << 60))
                .isFalse();
    }
}
