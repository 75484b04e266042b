package io.accrete.protocol.safetensors;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;

import java.io.IOException;
import java.io.InputStream;

/** The bytes of a header's JSON: exactly as many as the prefix says. */
final class HeaderSection extends InputStream {

    private final InputStream file;
    private long left;

    HeaderSection(InputStream file, long bytes) {
        this.file = file;
        this.left = bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int read = file.read(target, offset, (int) Math.min(length, left));
        if (read < 0) {
            throw new SafetensorsException(
                    Fault.HEADER_BEYOND_FILE, "the file became shorter while it was read");
        }
        left -= read;
        return read;
    }
}
