package io.accrete.worker.merge;

import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.wire.TaskFailure;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Whether a shard fits on the disk, before it is written and after that failed. */
final class ShardRoom {
    /** Here copied ranges may cost nothing, so that only a failed write shows a full disk. */
    private static final Set<String> SHARING = Set.of("xfs", "btrfs", "zfs", "bcachefs", "nfs4");

    private ShardRoom() {}

    static void require(ShardTask shard, Path target) throws IOException, TaskFailedException {
        FileStore store = Files.getFileStore(folder(target));
        if (!SHARING.contains(store.type()) && store.getUsableSpace() < shard.bytes()) {
            throw full(shard, target, store, null);
        }
    }

    static TaskFailedException full(ShardTask shard, Path target, @Nullable IOException cause)
            throws IOException {
        return full(shard, target, Files.getFileStore(folder(target)), cause);
    }

    private static TaskFailedException full(
            ShardTask shard, Path target, FileStore store, @Nullable IOException cause)
            throws IOException {
        return new TaskFailedException(
                TaskFailure.Kind.DISK_FULL,
                "shard %s takes %,d bytes, %s has %,d free"
                        .formatted(
                                shard.file(),
                                shard.bytes(),
                                folder(target),
                                store.getUsableSpace()),
                cause);
    }

    private static Path folder(Path target) {
        Path parent = target.getParent();
        return parent == null ? Path.of("/") : parent;
    }
}
