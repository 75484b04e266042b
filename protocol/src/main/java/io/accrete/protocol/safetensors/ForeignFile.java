package io.accrete.protocol.safetensors;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files that people have in place of safetensors, told by their first bytes. */
final class ForeignFile {

    private static final int LOOK_BYTES = 256;
    private static final Pattern LFS =
            Pattern.compile(
                    "version https://(?:git-lfs|hawser)\\.github\\.com/spec/.*", Pattern.DOTALL);
    private static final Pattern LFS_SIZE = Pattern.compile("\\bsize (\\d{1,18})\\b");

    private ForeignFile() {}

    /**
     * @throws SafetensorsException if the bytes are those of a known other kind of file
     */
    static void refuse(byte[] prefix, InputStream rest) throws IOException {
        byte[] more = rest.readNBytes(LOOK_BYTES - prefix.length);
        String start =
                new String(prefix, StandardCharsets.ISO_8859_1)
                        + new String(more, StandardCharsets.ISO_8859_1);
        if (LFS.matcher(start).matches()) {
            Matcher size = LFS_SIZE.matcher(start);
            throw new SafetensorsException(
                    Fault.LFS_POINTER,
                    "this is a Git LFS pointer, not the weights"
                            + (size.find()
                                    ? " (which have %,d bytes)"
                                            .formatted(Long.parseLong(size.group(1)))
                                    : ""));
        }
        String kind = kind(start);
        if (!kind.isEmpty()) {
            throw new SafetensorsException(
                    Fault.OTHER_FORMAT, "this is " + kind + ", not safetensors");
        }
    }

    private static String kind(String start) {
        String text = start.stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("PK\u0003\u0004")) {
            return "a zip archive (a PyTorch checkpoint?)";
        } else if (start.startsWith("GGUF")) {
            return "a GGUF file";
        } else if (start.startsWith("\u001f\u008b")) {
            return "a gzip archive";
        } else if (text.startsWith("<!doctype html") || text.startsWith("<html")) {
            return "a web page (a failed download?)";
        } else if (text.startsWith("{")) {
            return "a JSON text";
        } else if (start.startsWith("\u0080\u0002")) {
            return "a Python pickle (a PyTorch checkpoint?)";
        }
        return "";
    }
}
