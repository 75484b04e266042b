package io.accrete.protocol.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of a plan that somebody has named by path and digest. */
public final class PlanBytes {
    private PlanBytes() {}

    /**
     * @param sha256 the digest that the file must have, in hex
     * @param most bytes that such a plan has
     * @throws IOException if it cannot be read, is longer, or is another file
     */
    public static byte[] read(Path file, String sha256, long most) throws IOException {
        long size = Files.size(file);
        if (size > most) {
            throw new IOException(
                    "%s: a plan has at most %d bytes, this file has %d"
                            .formatted(file, most, size));
        }
        byte[] bytes = Files.readAllBytes(file);
        String found = Sha256.hex(bytes);
        if (!found.equals(sha256)) {
            throw new IOException(
                    "%s: this is not the plan that was made: its SHA-256 is %s, expected %s"
                            .formatted(file, found, sha256));
        }
        return bytes;
    }
}
