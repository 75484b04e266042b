package io.accrete.local;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right of one process to work on one staging folder. The operating system lets go of it when
 * the process ends, however it ends; the pid in the file is only for people.
 */
final class StagingLock implements AutoCloseable {
    /** Name of the file in the staging folder. */
    static final String FILE = "lock";

    private static final int ATTEMPTS_MAX = 8;

    /** Locks are a process's own, and closing any channel on the file would let go of them. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path staging;
    private final FileChannel channel;
    private final FileChannel witness;

    private StagingLock(Path staging, FileChannel channel, FileChannel witness) {
        this.staging = staging;
        this.channel = channel;
        this.witness = witness;
    }

    /** Somebody else works on the folder. */
    static final class Taken extends IOException {
        private static final long serialVersionUID = 1;
        private final String owner;

        Taken(Path staging, String owner) {
            super("%s is in use by %s".formatted(staging, owner));
            this.owner = owner;
        }

        /** For example {@code process 4711}. */
        String owner() {
            return owner;
        }
    }

    /**
     * Creates the folder if it is not there.
     *
     * @throws Taken if another process, or another job of this one, has it
     */
    static StagingLock take(Path staging) throws IOException {
        Path key = staging.toAbsolutePath().normalize();
        if (!HELD.add(key)) {
            throw new Taken(staging, me());
        }
        StagingLock taken = null;
        try {
            for (int attempt = 0; taken == null && attempt < ATTEMPTS_MAX; attempt++) {
                Files.createDirectories(key);
                taken = tryTake(key);
            }
        } finally {
            if (taken == null) {
                HELD.remove(key);
            }
        }
        if (taken == null) {
            throw new IOException(staging + ": another process keeps deleting this folder");
        }
        return taken;
    }

    private static @Nullable StagingLock tryTake(Path staging) throws IOException {
        Path file = staging.resolve(FILE);
        FileChannel channel = null;
        FileChannel witness = null;
        boolean taken = false;
        try {
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new Taken(staging, read(channel).orElse("another process"));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((me() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            // If the owner before us deleted the folder between our open and our lock, what we
            // hold is no longer the file under this name.
            witness = FileChannel.open(file, StandardOpenOption.READ);
            taken = read(witness).equals(Optional.of(me()));
            return taken ? new StagingLock(staging, channel, witness) : null;
        } catch (NoSuchFileException folderDeleted) {
            return null;
        } finally {
            if (!taken) {
                close(channel, witness);
            }
        }
    }

    private static Optional<String> read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64);
        channel.read(bytes, 0);
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        return Optional.of(text.strip()).filter(owner -> !owner.isEmpty());
    }

    private static String me() {
        return "process " + ProcessHandle.current().pid();
    }

    private static void close(@Nullable FileChannel... channels) throws IOException {
        for (FileChannel channel : channels) {
            if (channel != null) {
                channel.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        close(channel, witness);
        HELD.remove(staging);
    }
}
