package io.accrete.coordinator.drive;

import io.accrete.coordinator.plan.Volume;
import io.accrete.protocol.store.ExistingPath;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** The file system that an output will lie on, as the operating system describes it. */
public final class OutputVolume {
    /** On these a range copy shares blocks. */
    private static final Set<String> SHARING = Set.of("xfs", "btrfs", "bcachefs", "ocfs2");

    private OutputVolume() {}

    public static Volume of(Path output) {
        Path place = ExistingPath.nearest(output);
        try {
            FileStore store = Files.getFileStore(place);
            return new Volume(
                    store.type(),
                    store.getUsableSpace(),
                    blockBytes(store),
                    SHARING.contains(store.type()));
        } catch (IOException e) {
            return Volume.UNKNOWN;
        }
    }

    /** Whether files of the two could share blocks. */
    public static boolean isSame(Path output, Path source) {
        try {
            return Files.getFileStore(ExistingPath.nearest(output))
                    .equals(Files.getFileStore(source));
        } catch (IOException e) {
            return false;
        }
    }

    private static int blockBytes(FileStore store) throws IOException {
        long reported = store.getBlockSize();
        return reported >= 512 && reported <= 1 << 16 ? (int) reported : Volume.BLOCK_BYTES;
    }
}
