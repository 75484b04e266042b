package io.accrete.worker.link;

import io.accrete.protocol.tensor.Shape;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The head of a frame: 64 bytes, little-endian, of which the last four are the CRC32C of the
 * others.
 *
 * <pre>
 *  0  magic                4 bytes
 *  4  kind                 1 byte
 *  5  number of extents    1 byte
 *  6  nothing              2 bytes
 *  8  epoch                8 bytes
 * 16  edge                 4 bytes
 * 20  sequence             4 bytes
 * 24  extents              4 x 4 bytes
 * 40  offset               4 bytes
 * 44  bytes of payload     4 bytes
 * 48  CRC32C of payload    4 bytes
 * 52  nothing              8 bytes
 * 60  CRC32C of the head   4 bytes
 * </pre>
 *
 * @param epoch of the edges of its training
 * @param edge code of an {@link EdgeName}
 * @param sequence of the message on its edge, from 0; of other kinds as they say
 * @param shape of the whole message, float32
 * @param offset of the payload in the message
 */
record Frame(
        FrameKind kind,
        long epoch,
        int edge,
        int sequence,
        Shape shape,
        int offset,
        int payloadBytes,
        int payloadCrc) {
    static final int BYTES = 64;

    /** Small enough for a processor's cache, so that a checksum costs no trip to memory. */
    static final int CHUNK_BYTES = 256 << 10;

    private static final int MAGIC = 0x314C4341; // "ACL1"
    private static final int EXTENTS_MAX = 4;
    private static final int CRC_AT = 60;
    private static final Shape NONE = Shape.of(0);

    /** Without a message. */
    static Frame of(FrameKind kind, long epoch, int edge, int sequence) {
        return new Frame(kind, epoch, edge, sequence, NONE, 0, 0, 0);
    }

    /** The same with a payload. */
    Frame with(ByteBuffer payload) {
        return new Frame(
                kind, epoch, edge, sequence, shape, offset, payload.remaining(), crc(payload));
    }

    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /** Whether a message of that shape fits into a frame's fields. */
    static boolean isSendable(Shape shape) {
        return shape.extents().size() <= EXTENTS_MAX
                && shape.extents().stream().allMatch(extent -> extent <= Integer.MAX_VALUE)
                && bytes(shape) <= Integer.MAX_VALUE;
    }

    /** Of the message, as float32; beyond any bound if it does not fit in 63 bits. */
    static long bytes(Shape shape) {
        long bytes = Float.BYTES;
        for (long extent : shape.extents()) {
            if (extent != 0 && bytes > Long.MAX_VALUE / extent) {
                return shape.extents().contains(0L) ? 0 : Long.MAX_VALUE;
            }
            bytes *= extent;
        }
        return bytes;
    }

    /**
     * @param into at least 64 bytes, little-endian; is cleared, and ready to be read afterwards
     */
    void encode(ByteBuffer into) {
        into.clear();
        into.putInt(MAGIC).put(kind.code()).put((byte) shape.extents().size()).putShort((short) 0);
        into.putLong(epoch).putInt(edge).putInt(sequence);
        for (int i = 0; i < EXTENTS_MAX; i++) {
            into.putInt(i < shape.extents().size() ? Math.toIntExact(shape.extents().get(i)) : 0);
        }
        into.putInt(offset).putInt(payloadBytes).putInt(payloadCrc).putLong(0);
        into.flip();
        int crc = crc(into);
        into.limit(BYTES).putInt(CRC_AT, crc).rewind();
    }

    /**
     * @param from 64 bytes, little-endian
     * @throws LinkException if they are no head of a frame, or one that is not allowed
     */
    static Frame decode(ByteBuffer from) throws LinkException {
        from.rewind().limit(CRC_AT);
        int crc = crc(from);
        from.limit(BYTES);
        require(from.getInt(0) == MAGIC, "no frame of this protocol");
        require(from.getInt(CRC_AT) == crc, "a frame whose head was damaged");
        FrameKind kind =
                FrameKind.of(from.get(4))
                        .orElseThrow(() -> new LinkException("a frame of no known kind"));
        int rank = from.get(5);
        require(rank >= 0 && rank <= EXTENTS_MAX, "a frame with too many extents");
        long[] extents = new long[rank];
        for (int i = 0; i < rank; i++) {
            extents[i] = from.getInt(24 + i * Integer.BYTES);
            require(extents[i] >= 0, "a frame with a negative extent");
        }
        int offset = from.getInt(40);
        int payload = from.getInt(44);
        require(
                offset >= 0 && payload >= 0 && payload <= kind.payloadBytesMax(),
                "a frame that is longer than allowed");
        return new Frame(
                kind,
                from.getLong(8),
                from.getInt(16),
                from.getInt(20),
                Shape.of(extents),
                offset,
                payload,
                from.getInt(48));
    }

    private static void require(boolean holds, String otherwise) throws LinkException {
        if (!holds) {
            throw new LinkException(otherwise);
        }
    }
}
