package io.accrete.protocol.safetensors;

import io.accrete.protocol.tensor.TensorSpec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a valid safetensors file says about itself.
 *
 * @param headerBytes bytes before the data section: length prefix, JSON and blanks
 * @param dataBytes bytes of the data section
 * @param entries the tensors, in the order of their offsets
 * @param metadata free text that the writer left
 * @param sha256 SHA-256 of the first {@code headerBytes} bytes, in hex
 */
public record SafetensorsHeader(
        long headerBytes,
        long dataBytes,
        List<Entry> entries,
        Map<String, String> metadata,
        String sha256) {

    /** Longest header that the format allows, without its prefix of 8 bytes. */
    public static final long MAX_JSON_BYTES = 100_000_000;

    /** Bytes of the prefix that holds the length of the JSON. */
    public static final int PREFIX_BYTES = Long.BYTES;

    public SafetensorsHeader {
        entries = List.copyOf(entries);
        metadata = Map.copyOf(metadata);
    }

    /**
     * A tensor in the file.
     *
     * @param begin offset of its first byte in the data section
     * @param end offset of the byte after its last
     */
    public record Entry(TensorSpec spec, long begin, long end) {

        public String name() {
            return spec.name();
        }

        public long bytes() {
            return end - begin;
        }
    }

    /**
     * Reads and validates the header of a file of {@code fileBytes} bytes, and nothing beyond it.
     *
     * @param file at its first byte
     * @throws SafetensorsException if the file is not valid
     */
    public static SafetensorsHeader validate(InputStream file, long fileBytes) throws IOException {
        return new HeaderValidation(fileBytes).validate(file);
    }

    /** As {@link #validate(InputStream, long)}, of bytes in memory: a header, or a whole file. */
    public static SafetensorsHeader validate(byte[] head, long fileBytes)
            throws SafetensorsException {
        try {
            return validate(new ByteArrayInputStream(head), fileBytes);
        } catch (SafetensorsException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    /** The tensor of that name, if the file has it. */
    public Optional<Entry> entry(String name) {
        return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    /** Where a tensor's first byte is, from the start of the file. */
    public long offset(Entry entry) {
        return headerBytes + entry.begin();
    }
}
