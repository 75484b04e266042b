package io.accrete.worker.merge;

import io.accrete.protocol.tensor.DType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * How many values of a tensor, or of a piece of it, are NaN or infinite.
 *
 * <p>Looks at bits, so that it costs next to nothing beside the copy of the same bytes: a value is
 * not finite where its exponent is all ones.
 */
record NonFiniteCount(long nan, long infinite) {
    static final NonFiniteCount NONE = new NonFiniteCount(0, 0);

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    boolean isZero() {
        return nan == 0 && infinite == 0;
    }

    NonFiniteCount plus(NonFiniteCount other) {
        return new NonFiniteCount(nan + other.nan, infinite + other.infinite);
    }

    /** Of whole elements; none for types that are not {@link DType#isFloating() floating}. */
    static NonFiniteCount in(MemorySegment elements, DType dtype) {
        return switch (dtype) {
            case F16 -> new Lanes(16, 0x7c00).count(elements);
            case BF16 -> new Lanes(16, 0x7f80).count(elements);
            case F32 -> new Lanes(32, 0x7f80_0000L).count(elements);
            case F64 -> new Lanes(64, 0x7ff0_0000_0000_0000L).count(elements);
            default -> NONE;
        };
    }

    /**
     * The elements in 64 bits, looked at together: adding the lowest bit of the exponent carries
     * into the sign's place just where the exponent is all ones.
     *
     * @param exponent the exponent's bits in one element
     */
    private record Lanes(int bits, long exponent) {
        NonFiniteCount count(MemorySegment elements) {
            long exponents = spread(exponent);
            long lowest = spread(Long.lowestOneBit(exponent));
            long carry = spread(1L << (bits - 1));
            long seen = 0;
            long whole = elements.byteSize() & -Long.BYTES;
            for (long at = 0; at < whole; at += Long.BYTES) {
                seen |= (elements.get(LONG, at) & exponents) + lowest;
            }
            NonFiniteCount rest = oneByOne(elements, whole);
            return (seen & carry) == 0 ? rest : oneByOne(elements, 0);
        }

        private NonFiniteCount oneByOne(MemorySegment elements, long from) {
            long nan = 0;
            long infinite = 0;
            long fraction = Long.lowestOneBit(exponent) - 1;
            for (long at = from; at < elements.byteSize(); at += bits / Byte.SIZE) {
                long value = element(elements, at);
                if ((value & exponent) == exponent) {
                    if ((value & fraction) == 0) {
                        infinite++;
                    } else {
                        nan++;
                    }
                }
            }
            return new NonFiniteCount(nan, infinite);
        }

        private long element(MemorySegment elements, long at) {
            long value = 0;
            for (int i = bits / Byte.SIZE - 1; i >= 0; i--) {
                value = value << Byte.SIZE | elements.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
            }
            return value;
        }

        private long spread(long lane) {
            long all = 0;
            for (int at = 0; at < Long.SIZE; at += bits) {
                all |= lane << at;
            }
            return all;
        }
    }
}
