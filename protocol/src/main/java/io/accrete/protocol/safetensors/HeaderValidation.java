package io.accrete.protocol.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;

/**
 * The one place that decides whether a file is valid safetensors: bounds first, then UTF-8 and
 * JSON, then what the tensors claim.
 *
 * <p>The header is streamed, so that a hostile one costs no more memory than the tensors in it.
 */
final class HeaderValidation {

    private final long fileBytes;

    HeaderValidation(long fileBytes) {
        this.fileBytes = fileBytes;
    }

    SafetensorsHeader validate(InputStream file) throws IOException {
        MessageDigest digest = Sha256.begin();
        byte[] prefix = file.readNBytes(SafetensorsHeader.PREFIX_BYTES);
        long jsonBytes = jsonBytes(prefix, file);
        digest.update(prefix);
        HeaderSection section = new HeaderSection(file, jsonBytes);
        HeaderJson.Content content = parse(new DigestInputStream(section, digest));
        long headerBytes = SafetensorsHeader.PREFIX_BYTES + jsonBytes;
        long dataBytes = fileBytes - headerBytes;
        List<Entry> entries =
                content.entries().stream()
                        .sorted(
                                Comparator.comparingLong(Entry::begin)
                                        .thenComparingLong(Entry::end)
                                        .thenComparing(Entry::name))
                        .toList();
        checkData(entries, dataBytes);
        return new SafetensorsHeader(
                headerBytes, dataBytes, entries, content.metadata(), Sha256.hex(digest));
    }

    /** SHA-256 of prefix and JSON, whatever the JSON says. */
    String digest(InputStream file) throws IOException {
        MessageDigest digest = Sha256.begin();
        byte[] prefix = file.readNBytes(SafetensorsHeader.PREFIX_BYTES);
        long jsonBytes = jsonBytes(prefix, file);
        digest.update(prefix);
        new DigestInputStream(new HeaderSection(file, jsonBytes), digest)
                .transferTo(OutputStream.nullOutputStream());
        return Sha256.hex(digest);
    }

    private long jsonBytes(byte[] prefix, InputStream rest) throws IOException {
        if (fileBytes < SafetensorsHeader.PREFIX_BYTES
                || prefix.length < SafetensorsHeader.PREFIX_BYTES) {
            throw new SafetensorsException(
                    Fault.TOO_SHORT,
                    fileBytes == 0
                            ? "the file is empty"
                            : "the file has %d bytes, a safetensors file has at least 8"
                                    .formatted(fileBytes));
        }
        long claimed = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (Long.compareUnsigned(claimed, SafetensorsHeader.MAX_JSON_BYTES) > 0) {
            ForeignFile.refuse(prefix, rest);
            throw new SafetensorsException(
                    Fault.HEADER_TOO_LARGE,
                    "the header claims %s bytes, at most %,d are allowed"
                            .formatted(
                                    Long.toUnsignedString(claimed),
                                    SafetensorsHeader.MAX_JSON_BYTES));
        }
        long available = fileBytes - SafetensorsHeader.PREFIX_BYTES;
        if (claimed > available) {
            throw new SafetensorsException(
                    Fault.HEADER_BEYOND_FILE,
                    "the header claims %,d bytes, but only %,d follow its length"
                            .formatted(claimed, available));
        }
        return claimed;
    }

    private static HeaderJson.Content parse(InputStream json) throws IOException {
        Reader text =
                new InputStreamReader(
                        json,
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT));
        try {
            return HeaderJson.read(text);
        } catch (CharacterCodingException e) {
            throw new SafetensorsException(Fault.NOT_UTF8, "the header is not UTF-8");
        } catch (StreamConstraintsException e) {
            throw new SafetensorsException(
                    Fault.BEYOND_LIMIT, "the header is refused: " + JsonMistake.sentence(e));
        } catch (JsonProcessingException e) {
            throw new SafetensorsException(
                    Fault.NOT_JSON,
                    "the header is not JSON, at character %d: %s"
                            .formatted(
                                    e.getLocation() == null ? 0 : e.getLocation().getCharOffset(),
                                    Excerpt.of(JsonMistake.sentence(e))));
        }
    }

    private static void checkData(List<Entry> entries, long dataBytes) throws SafetensorsException {
        long next = 0;
        for (Entry entry : entries) {
            if (entry.end() < entry.begin()) {
                throw new SafetensorsException(
                        Fault.WRONG_OFFSETS,
                        "tensor %s ends at %d, before it begins at %d"
                                .formatted(Excerpt.of(entry.name()), entry.end(), entry.begin()));
            }
            if (entry.begin() != next) {
                throw new SafetensorsException(
                        Fault.NOT_CONTIGUOUS,
                        "tensor %s begins at %d, %s the end of the one before it at %d"
                                .formatted(
                                        Excerpt.of(entry.name()),
                                        entry.begin(),
                                        entry.begin() < next ? "before" : "after",
                                        next));
            }
            long bytes = bytes(entry.spec());
            if (bytes != entry.bytes()) {
                throw new SafetensorsException(
                        Fault.SIZE_MISMATCH,
                        "tensor %s has %,d bytes of data, but shape %s of %s takes %,d"
                                .formatted(
                                        Excerpt.of(entry.name()),
                                        entry.bytes(),
                                        entry.spec().shape(),
                                        entry.spec().dtype(),
                                        bytes));
            }
            next = entry.end();
        }
        if (next > dataBytes) {
            throw new SafetensorsException(
                    Fault.TRUNCATED,
                    "the tensors take %,d bytes, but only %,d follow the header: %,d are missing"
                            .formatted(next, dataBytes, next - dataBytes));
        }
        if (next < dataBytes) {
            throw new SafetensorsException(
                    Fault.LEFT_OVER,
                    "the tensors take %,d bytes, but %,d follow the header: %,d too many"
                            .formatted(next, dataBytes, dataBytes - next));
        }
    }

    private static long bytes(TensorSpec spec) throws SafetensorsException {
        try {
            long bits = Math.multiplyExact(spec.shape().elements(), (long) spec.dtype().bits());
            if (bits % Byte.SIZE != 0) {
                throw new SafetensorsException(
                        Fault.PARTIAL_BYTE,
                        "tensor %s has %d elements of %d bits, which do not fill whole bytes"
                                .formatted(
                                        Excerpt.of(spec.name()),
                                        spec.shape().elements(),
                                        spec.dtype().bits()));
            }
            return bits / Byte.SIZE;
        } catch (ArithmeticException e) {
            throw new SafetensorsException(
                    Fault.SIZE_OVERFLOW,
                    "tensor %s of shape %s is larger than any file"
                            .formatted(Excerpt.of(spec.name()), spec.shape()));
        }
    }
}
