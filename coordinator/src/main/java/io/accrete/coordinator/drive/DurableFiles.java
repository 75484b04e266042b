package io.accrete.coordinator.drive;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/** File operations after which the change has reached the disk. */
public final class DurableFiles {
    private DurableFiles() {}

    /** The file has these bytes, or is as it was before. */
    public static void write(Path file, byte[] bytes) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        try (FileChannel channel =
                FileChannel.open(
                        draft,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        move(draft, file);
    }

    /** Its bytes only: a source that may not be written must not give a copy that may not. */
    public static void copy(Path source, Path target) throws IOException {
        try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ)) {
            copy(source, from, target, from.size());
        }
    }

    /**
     * Its first bytes: the rest may be changing.
     *
     * @throws EOFException if it has fewer
     */
    public static void copyStart(Path source, Path target, long bytes) throws IOException {
        try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ)) {
            copy(source, from, target, bytes);
        }
    }

    private static void copy(Path source, FileChannel from, Path target, long bytes)
            throws IOException {
        try (FileChannel to =
                FileChannel.open(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            long done = 0;
            while (done < bytes) {
                long moved = from.transferTo(done, bytes - done, to);
                if (moved <= 0) {
                    throw new EOFException(
                            "%s ended after %d of %d bytes".formatted(source, done, bytes));
                }
                done += moved;
            }
            to.force(true);
        }
    }

    /** By rename: at every moment the file is at one of the two places, whole. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(parent(to));
        if (!parent(from).equals(parent(to)) && Files.exists(parent(from))) {
            syncFolder(parent(from));
        }
    }

    public static void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
        syncFolder(parent(folder));
    }

    public static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Leaves a folder alone in which somebody has something. */
    public static void deleteIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException others) {
            // a journal, or the lock of a command that waits for the end
        }
    }

    /**
     * Empties a folder and lets it be: a worker of an earlier term may be writing into it, and may
     * begin another file meanwhile.
     */
    public static void deleteEntries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                deleteTree(entry);
            }
        }
    }

    /** Somebody else may be deleting the same tree. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        if (e instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw e;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path folder, IOException e)
                            throws IOException {
                        Files.deleteIfExists(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        return parent == null ? path : parent;
    }
}
