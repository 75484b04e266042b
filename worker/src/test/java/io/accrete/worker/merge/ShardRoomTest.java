package io.accrete.worker.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.wire.TaskFailure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ShardRoomTest {
    private static final ShardTask LARGE = new ShardTask(0, "large", 8, 1L << 60, List.of());

    @TempDir Path folder;

    @Test
    void aShardThatCannotFitIsRefusedBeforeItIsBegun() throws IOException {
        assumeTrue(
                Files.getFileStore(folder).type().equals("ext4"),
                "the temporary folder is not on ext4: copies may be free there");

        TaskFailure failure =
                catchThrowableOfType(
                                TaskFailedException.class,
                                () -> ShardRoom.require(LARGE, folder.resolve("x")))
                        .failure();

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.DISK_FULL);
        assertThat(failure.message()).contains("1,152,921,504,606,846,976 bytes");
    }

    @Test
    void aShardThatFitsIsNotRefused() throws Exception {
        ShardRoom.require(new ShardTask(0, "small", 8, 9, List.of()), folder.resolve("x"));
    }
}
