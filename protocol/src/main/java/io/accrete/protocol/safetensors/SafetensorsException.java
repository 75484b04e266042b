package io.accrete.protocol.safetensors;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/** Says in one sentence why a file is not valid safetensors. */
public final class SafetensorsException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Fault fault;
    private final String sentence;

    public SafetensorsException(Fault fault, String sentence) {
        this(fault, sentence, sentence, null);
    }

    private SafetensorsException(
            Fault fault, String message, String sentence, @Nullable SafetensorsException cause) {
        super(message, cause);
        this.fault = fault;
        this.sentence = sentence;
    }

    public Fault fault() {
        return fault;
    }

    /** What was found and what is allowed, without the name of the file. */
    public String sentence() {
        return sentence;
    }

    /** The same, with the file's name in the message. */
    SafetensorsException in(Path file) {
        return new SafetensorsException(fault, file + ": " + sentence, sentence, this);
    }

    /** Everything that can be wrong with a file, in the order in which it is looked for. */
    public enum Fault {
        NOT_A_FILE("FMT-001", "It is a folder or a device, not a file.", "name the weight file"),
        TOO_SHORT(
                "FMT-002",
                "It has fewer than the 8 bytes that every safetensors file starts with.",
                "download it again; the first attempt was interrupted"),
        LFS_POINTER(
                "FMT-003",
                "It is a Git LFS pointer, a small text in place of the weights.",
                "run `git lfs install && git lfs pull` in the repository, or download the file"),
        OTHER_FORMAT(
                "FMT-004",
                "It is a file of another kind, whatever its name says.",
                "convert the model to safetensors, or download the right file"),
        HEADER_TOO_LARGE(
                "FMT-005",
                "Its header claims to be longer than the 100,000,000 bytes that the format allows.",
                "download it again; if it stays so, it is no safetensors file"),
        HEADER_BEYOND_FILE(
                "FMT-006",
                "Its header claims to reach beyond the end of the file.",
                "download it again; the first attempt was interrupted"),
        NOT_UTF8("FMT-007", "Its header is not UTF-8.", "write the file again with safetensors"),
        NOT_JSON("FMT-008", "Its header is not JSON.", "write the file again with safetensors"),
        BEYOND_LIMIT(
                "FMT-009",
                "Its header is nested deeper, or has more or longer names, than is read here.",
                "write the file again with fewer or shorter names"),
        WRONG_STRUCTURE(
                "FMT-010",
                "Its header is JSON, but not an object of tensors.",
                "write the file again with safetensors"),
        DUPLICATE_KEY(
                "FMT-011",
                "Its header says the same key twice, so that it has two meanings.",
                "write the file again with safetensors"),
        WRONG_METADATA(
                "FMT-012",
                "`__metadata__` in its header is not an object of strings.",
                "write the file again with safetensors"),
        UNKNOWN_DTYPE(
                "FMT-013",
                "A tensor has an element type that the format does not know.",
                "write the file again with a type of the format, such as BF16"),
        WRONG_SHAPE(
                "FMT-014",
                "A shape is not a list of non-negative integers.",
                "write the file again with safetensors"),
        WRONG_OFFSETS(
                "FMT-015",
                "`data_offsets` is not a pair of non-negative integers, begin first.",
                "write the file again with safetensors"),
        NOT_CONTIGUOUS(
                "FMT-016",
                "The tensors leave a hole in the data or lie on each other.",
                "write the file again with safetensors"),
        SIZE_OVERFLOW(
                "FMT-017",
                "The size of a tensor is beyond all bounds.",
                "write the file again with safetensors"),
        PARTIAL_BYTE(
                "FMT-018",
                "A tensor of elements smaller than a byte does not fill whole bytes.",
                "write the file again with safetensors"),
        SIZE_MISMATCH(
                "FMT-019",
                "The bytes of a tensor are more or fewer than its shape and type take.",
                "write the file again with safetensors"),
        TRUNCATED(
                "FMT-020",
                "The file ends before its last tensor does.",
                "download it again; the first attempt was interrupted"),
        LEFT_OVER(
                "FMT-021",
                "The file goes on after its last tensor.",
                "download it again; if it stays so, write it again with safetensors");

        private final String code;
        private final String meaning;
        private final String fix;

        Fault(String code, String meaning, String fix) {
            this.code = code;
            this.meaning = meaning;
            this.fix = fix;
        }

        /** Stable name in messages and documentation. */
        public String code() {
            return code;
        }

        /** One sentence for the documentation. */
        public String meaning() {
            return meaning;
        }

        /** How to mend it. */
        public String fix() {
            return fix;
        }
    }
}
