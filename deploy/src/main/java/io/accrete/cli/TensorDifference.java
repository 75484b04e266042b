package io.accrete.cli;

import io.accrete.protocol.tensor.TensorSpec;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * How far two tensors of one shape are apart.
 *
 * @param maxAbs largest absolute difference of two elements
 * @param relativeL2 norm of the difference over the norm of the first tensor
 */
record TensorDifference(double maxAbs, double relativeL2) {
    private static final int CHUNK_BYTES = 4 << 20;

    /**
     * A tensor's values on disk.
     *
     * @param offset of the first byte, from the start of the file
     */
    record Range(Path file, long offset, TensorSpec spec) {}

    /** Whether two ranges of the same length hold the same bytes. */
    static boolean sameBytes(Range a, Range b) throws IOException {
        ByteBuffer chunkA = ByteBuffer.allocate(CHUNK_BYTES);
        ByteBuffer chunkB = ByteBuffer.allocate(CHUNK_BYTES);
        long bytes = a.spec().bytes();
        try (FileChannel fileA = open(a);
                FileChannel fileB = open(b)) {
            for (long at = 0; at < bytes; at += CHUNK_BYTES) {
                int length = (int) Math.min(CHUNK_BYTES, bytes - at);
                read(fileA, a, at, chunkA, length);
                read(fileB, b, at, chunkB, length);
                if (!chunkA.equals(chunkB)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Empty where elements of one of the types are no single numbers. */
    static Optional<TensorDifference> between(Range a, Range b) throws IOException {
        if (!ElementReader.reads(a.spec().dtype()) || !ElementReader.reads(b.spec().dtype())) {
            return Optional.empty();
        }
        int elements = CHUNK_BYTES / Long.BYTES;
        Side sideA = new Side(a, elements);
        Side sideB = new Side(b, elements);
        long count = a.spec().shape().elements();
        double maxAbs = 0;
        double squares = 0;
        double squaresOfDifference = 0;
        try (FileChannel fileA = open(a);
                FileChannel fileB = open(b)) {
            for (long at = 0; at < count; at += elements) {
                int n = (int) Math.min(elements, count - at);
                sideA.read(fileA, at, n);
                sideB.read(fileB, at, n);
                for (int i = 0; i < n; i++) {
                    double x = sideA.values[i];
                    double y = sideB.values[i];
                    // Infinities are the same where they are equal, and one NaN is as good as
                    // another.
                    boolean same = x == y || (Double.isNaN(x) && Double.isNaN(y));
                    double difference = same ? 0 : Math.abs(x - y);
                    maxAbs = Math.max(maxAbs, difference);
                    squares += x * x;
                    squaresOfDifference += difference * difference;
                }
            }
        }
        double relative = squaresOfDifference == 0 ? 0 : Math.sqrt(squaresOfDifference / squares);
        return Optional.of(new TensorDifference(maxAbs, relative));
    }

    /** One of the two tensors as it is streamed. */
    private static final class Side {
        private final Range range;
        private final int elementBytes;
        private final ByteBuffer bytes;
        private final double[] values;

        Side(Range range, int elements) {
            this.range = range;
            this.elementBytes = range.spec().dtype().bits() / Byte.SIZE;
            this.bytes = ByteBuffer.allocate(elements * elementBytes);
            this.values = new double[elements];
        }

        void read(FileChannel file, long element, int count) throws IOException {
            TensorDifference.read(file, range, element * elementBytes, bytes, count * elementBytes);
            ElementReader.read(range.spec().dtype(), bytes, count, values);
        }
    }

    private static FileChannel open(Range range) throws IOException {
        return FileChannel.open(range.file(), StandardOpenOption.READ);
    }

    private static void read(FileChannel file, Range range, long at, ByteBuffer into, int length)
            throws IOException {
        into.clear().limit(length);
        while (into.hasRemaining()) {
            if (file.read(into, range.offset() + at + into.position()) < 0) {
                throw new EOFException(
                        "%s ends inside of tensor %s".formatted(range.file(), range.spec().name()));
            }
        }
        into.flip();
    }
}
