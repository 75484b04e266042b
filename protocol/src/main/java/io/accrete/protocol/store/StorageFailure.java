package io.accrete.protocol.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/** Why the operating system or a disk refused, in words. */
public final class StorageFailure {

    /** Java has no type for it: the words of the C library are all there is. */
    private static final List<String> FULL =
            List.of("No space left on device", "Disk quota exceeded");

    private StorageFailure() {}

    /**
     * Whether a write failed because there was no room.
     *
     * @param file what was written; in a language that is not English only its disk can tell
     * @param missingBytes what was still to be written
     */
    public static boolean isFullDisk(Throwable failure, Path file, long missingBytes) {
        String message = failure.getMessage();
        if (!(failure instanceof IOException) || message == null) {
            return false;
        }
        if (FULL.stream().anyMatch(message::contains)) {
            return true;
        }
        try {
            Path folder = file.toAbsolutePath().getParent();
            return folder != null && Files.getFileStore(folder).getUsableSpace() < missingBytes;
        } catch (IOException e) {
            return false;
        }
    }

    /** A reason without the file's name, which the exceptions of the JDK have for a message. */
    public static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "no such file or folder";
            case AccessDeniedException _ -> "this user may not do that here";
            case NotDirectoryException _ -> "is not a folder";
            case FileAlreadyExistsException _ -> "is already there";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case FileSystemException _ -> "the file system does not allow it";
            default ->
                    failure.getMessage() == null
                            ? "the disk or the operating system failed"
                            : failure.getMessage();
        };
    }

    /** The reason, with the file's name before it where the failure knows it. */
    public static String sentence(IOException failure) {
        return failure instanceof FileSystemException of && of.getFile() != null
                ? "%s: %s".formatted(of.getFile(), reason(failure))
                : reason(failure);
    }
}
