package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class StagingLockTest {
    @TempDir private Path folder;

    @Test
    void secondOwnerIsToldWhoTheFirstIs() throws IOException {
        Path staging = folder.resolve("out.accrete");
        try (StagingLock first = StagingLock.take(staging)) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> StagingLock.take(staging))
                    .isInstanceOfSatisfying(
                            StagingLock.Taken.class,
                            taken ->
                                    assertThat(taken.owner())
                                            .contains("" + ProcessHandle.current().pid()));
        }
    }

    @Test
    void canBeTakenAgainAfterItWasGivenBack() throws IOException {
        Path staging = folder.resolve("out.accrete");
        StagingLock.take(staging).close();
        try (StagingLock again = StagingLock.take(staging)) {
            assertThat(again).isNotNull();
            assertThat(staging.resolve(StagingLock.FILE)).exists();
        }
    }

    @Test
    void lockOfAProcessThatIsGoneIsTakenOver() throws IOException {
        Path staging = folder.resolve("out.accrete");
        Files.createDirectories(staging);
        Files.writeString(staging.resolve(StagingLock.FILE), "process 999999\n");
        try (StagingLock lock = StagingLock.take(staging)) {
            assertThat(lock).isNotNull();
            assertThat(staging.resolve(StagingLock.FILE))
                    .hasContent("process " + ProcessHandle.current().pid() + "\n");
        }
    }
}
