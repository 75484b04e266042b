package io.accrete.worker.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.link.EdgeName.Purpose;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.zip.CRC32C;

class FrameTest {
    private static final Frame DATA =
            new Frame(
                    FrameKind.DATA,
                    0x0102030405060708L,
                    new EdgeName(Purpose.BACKWARD, 3, 2).code(),
                    5,
                    Shape.of(2, 3, 4),
                    64,
                    32,
                    0x0A0B0C0D);

    private static ByteBuffer head() {
        return ByteBuffer.allocateDirect(Frame.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void theBytesAreThese() {
        ByteBuffer head = head();
        DATA.encode(head);
        byte[] bytes = new byte[Frame.BYTES];
        head.get(bytes);
        String fields =
                "41434c31"
                        + "06"
                        + "03"
                        + "0000" // magic, kind, extents
                        + "0807060504030201" // epoch
                        + "02c00020" // edge: 2 << 28 | 3 << 14 | 2
                        + "05000000" // sequence
                        + "02000000"
                        + "03000000"
                        + "04000000"
                        + "00000000"
                        + "40000000"
                        + "20000000"
                        + "0d0c0b0a" // offset, payload, its CRC
                        + "0000000000000000";
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 60);
        assertThat(HexFormat.of().formatHex(bytes, 0, 60)).isEqualTo(fields);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(60))
                .isEqualTo((int) crc.getValue());
    }

    @Test
    void everyKindComesOutAsItWentIn() throws LinkException {
        for (FrameKind kind : FrameKind.values()) {
            Frame frame = Frame.of(kind, Long.MIN_VALUE, Integer.MAX_VALUE, -1);
            ByteBuffer head = head();
            frame.encode(head);
            assertThat(Frame.decode(head)).isEqualTo(frame);
        }
        ByteBuffer head = head();
        DATA.encode(head);
        assertThat(Frame.decode(head)).isEqualTo(DATA);
    }

    @Test
    void everyFlippedBitIsSeen() {
        for (int bit = 0; bit < Frame.BYTES * Byte.SIZE; bit++) {
            ByteBuffer head = head();
            DATA.encode(head);
            int at = bit / Byte.SIZE;
            head.put(at, (byte) (head.get(at) ^ 1 << bit % Byte.SIZE));
            assertThatThrownBy(() -> Frame.decode(head))
                    .as("bit %d", bit)
                    .isInstanceOf(LinkException.class);
        }
    }

    @Test
    void sizesThatOverflowAreNotSmall() {
        assertThat(Frame.bytes(Shape.of(1L << 31, 1L << 31, 1L << 31))).isEqualTo(Long.MAX_VALUE);
        assertThat(Frame.bytes(Shape.of(1L << 31, 1L << 31, 1L << 31, 0))).isZero();
        assertThat(Frame.bytes(Shape.of(3, 5))).isEqualTo(60);
        assertThat(Frame.bytes(Shape.of())).isEqualTo(4);
    }

    @Test
    void edgesHaveNumbersOfTheirOwn() {
        Set<Integer> codes = new HashSet<>();
        for (Purpose purpose : Purpose.values()) {
            for (int from = 0; from < 20; from++) {
                for (int to = 0; to < 20; to++) {
                    codes.add(new EdgeName(purpose, from, to).code());
                }
            }
        }
        assertThat(codes).hasSize(3 * 20 * 20);
    }
}
