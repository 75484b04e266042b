package io.accrete.worker.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A TorchScript archive made from source text alone: a module without attributes. */
final class ScriptArchive {
    /** The newest format version that libtorch 2.7 reads. */
    private static final byte[] VERSION = "10\n".getBytes(StandardCharsets.US_ASCII);

    /** PROTO 2, EMPTY_TUPLE, STOP. */
    private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

    private ScriptArchive() {}

    static byte[] of(String className, String source) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "archive/data.pkl", instanceOf(className));
            put(zip, "archive/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            put(zip, "archive/constants.pkl", NO_CONSTANTS);
            put(zip, "archive/version", VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Pickle of an object without state: PROTO 2, GLOBAL, EMPTY_TUPLE, NEWOBJ, EMPTY_DICT, BUILD,
     * STOP.
     */
    private static byte[] instanceOf(String className) throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(new byte[] {(byte) 0x80, 2, 'c'});
        pickle.write(("__torch__\n" + className + "\n").getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {')', (byte) 0x81, '}', 'b', '.'});
        return pickle.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
