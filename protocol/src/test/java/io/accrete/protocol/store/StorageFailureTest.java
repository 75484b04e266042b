package io.accrete.protocol.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

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
}
