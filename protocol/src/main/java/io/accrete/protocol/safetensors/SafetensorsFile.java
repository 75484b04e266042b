package io.accrete.protocol.safetensors;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;
import io.accrete.protocol.store.FileIdentity;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * A valid safetensors file on disk, known by its header; nothing is kept open.
 *
 * @param path as it was asked for; may be a symbolic link
 * @param identity of the file that the path leads to
 */
public record SafetensorsFile(Path path, SafetensorsHeader header, FileIdentity identity) {

    private static final int BUFFER_BYTES = 1 << 16;

    /**
     * Reads and validates the header of a file, and nothing beyond it.
     *
     * @throws SafetensorsException if it is not valid safetensors
     * @throws java.nio.file.NoSuchFileException if there is no such file
     */
    public static SafetensorsFile open(Path path) throws IOException {
        // Taken before the header is read: a change in between shows as another identity later.
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        try (FileChannel channel = regularFile(path, attributes)) {
            long bytes = channel.size();
            SafetensorsHeader header = SafetensorsHeader.validate(stream(channel), bytes);
            return new SafetensorsFile(
                    path, header, identity(path, bytes, attributes, header.sha256()));
        } catch (SafetensorsException e) {
            throw e.in(path);
        }
    }

    /**
     * As {@link #open}, for whoever has validated the file before: what its header says is not
     * looked at, only whether it is the same.
     */
    public static FileIdentity identify(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        try (FileChannel channel = regularFile(path, attributes)) {
            long bytes = channel.size();
            String sha256 = new HeaderValidation(bytes).digest(stream(channel));
            return identity(path, bytes, attributes, sha256);
        } catch (SafetensorsException e) {
            throw e.in(path);
        }
    }

    private static InputStream stream(FileChannel channel) {
        return new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
    }

    private static FileIdentity identity(
            Path path, long bytes, BasicFileAttributes attributes, String headerSha256) {
        return new FileIdentity(
                path.toAbsolutePath().toString(),
                bytes,
                attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                headerSha256);
    }

    private static FileChannel regularFile(Path path, BasicFileAttributes attributes)
            throws IOException {
        if (!attributes.isRegularFile()) {
            throw new SafetensorsException(
                    Fault.NOT_A_FILE,
                    attributes.isDirectory() ? "this is a folder" : "this is not a regular file");
        }
        return FileChannel.open(path, StandardOpenOption.READ);
    }
}
