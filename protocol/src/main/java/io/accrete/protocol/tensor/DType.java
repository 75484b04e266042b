package io.accrete.protocol.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An element type of the safetensors format, under the name that the format's header uses, and in
 * the order of the format's reference implementation (which decides the order inside of a file).
 *
 * <p>Only {@link #isFloating() floating} types of 16 bits and more are ever computed with; all
 * others are opaque bytes that may be moved.
 */
public enum DType {
    BOOL(8),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private static final Map<String, DType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(DType::name, type -> type));

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** Bits per element; 4, 6, 8, 16, 32 or 64. */
    public int bits() {
        return bits;
    }

    /** Whether arithmetic of a merge is defined on this type. */
    public boolean isFloating() {
        return switch (this) {
            case F16, BF16, F32, F64 -> true;
            case BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0 -> false;
            case F8_E4M3FNUZ, F8_E5M2FNUZ -> false;
            case I16, U16, I32, U32, C64, I64, U64 -> false;
        };
    }

    /** The type that a safetensors header calls {@code name}, if the format has it. */
    public static Optional<DType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
