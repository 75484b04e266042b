package io.accrete.protocol.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Headers as large as the format allows cost the tensors in them, not their own length. */
class LargeHeaderTest {

    private static final long MAX = SafetensorsHeader.MAX_JSON_BYTES;

    @Test
    void readsAHeaderOfBlanksAsLongAsTheFormatAllows() throws IOException {
        SafetensorsHeader header =
                SafetensorsHeader.validate(
                        file(MAX, text("{"), new Repeated(" ", MAX - 2), text("}")), 8 + MAX);

        assertThat(header.headerBytes()).isEqualTo(8 + MAX);
        assertThat(header.entries()).isEmpty();
    }

    @Test
    void readsAHundredThousandTensors() throws IOException {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < 100_000; i++) {
            json.append(i == 0 ? "\"layers." : ",\"layers.").append(i);
            json.append("\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[").append(i);
            json.append(',').append(i + 1).append("]}");
        }
        byte[] bytes = json.append('}').toString().getBytes(StandardCharsets.UTF_8);

        SafetensorsHeader header =
                SafetensorsHeader.validate(
                        file(bytes.length, new ByteArrayInputStream(bytes)),
                        8 + bytes.length + 100_000L);

        assertThat(header.entries()).hasSize(100_000);
        assertThat(header.entries().getLast().end()).isEqualTo(100_000);
    }

    @Test
    void stopsAtMoreTensorsThanAnyModelHas() {
        String rest = "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},";
        SafetensorsException refusal =
                catchThrowableOfType(
                        SafetensorsException.class,
                        () ->
                                SafetensorsHeader.validate(
                                        file(MAX, text("{"), new Numbered(rest)), 8 + MAX));

        assertThat(refusal.fault()).isEqualTo(Fault.BEYOND_LIMIT);
    }

    @Test
    void doesNotHoldAnEndlessString() {
        SafetensorsException refusal =
                catchThrowableOfType(
                        SafetensorsException.class,
                        () ->
                                SafetensorsHeader.validate(
                                        file(
                                                MAX,
                                                text("{\"__metadata__\":{\"a\":\""),
                                                new Repeated("x", MAX)),
                                        8 + MAX));

        assertThat(refusal.fault()).isEqualTo(Fault.BEYOND_LIMIT);
    }

    @Test
    void doesNotHoldAnEndlessName() {
        SafetensorsException refusal =
                catchThrowableOfType(
                        SafetensorsException.class,
                        () ->
                                SafetensorsHeader.validate(
                                        file(MAX, text("{\""), new Repeated("x", MAX)), 8 + MAX));

        assertThat(refusal.fault()).isEqualTo(Fault.BEYOND_LIMIT);
    }

    private static InputStream file(long jsonBytes, InputStream... parts) {
        byte[] prefix =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(jsonBytes).array();
        List<InputStream> all =
                new java.util.ArrayList<>(List.of(new ByteArrayInputStream(prefix)));
        all.addAll(Arrays.asList(parts));
        return new SequenceInputStream(Collections.enumeration(all));
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same byte, very often. */
    private static final class Repeated extends InputStream {

        private final byte value;
        private long left;

        private Repeated(String value, long times) {
            this.value = (byte) value.charAt(0);
            this.left = times;
        }

        @Override
        public int read() {
            return left-- > 0 ? value : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int read = (int) Math.min(length, left);
            Arrays.fill(target, offset, offset + read, value);
            left -= read;
            return read;
        }
    }

    /** A text with a running number in it, without end. */
    private static final class Numbered extends InputStream {

        private final String rest;
        private byte[] current = {};
        private int at;
        private int number;

        private Numbered(String rest) {
            this.rest = rest;
        }

        @Override
        public int read() {
            refill();
            return current[at++];
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            refill();
            int read = Math.min(length, current.length - at);
            System.arraycopy(current, at, target, offset, read);
            at += read;
            return read;
        }

        private void refill() {
            if (at == current.length) {
                current = ("\"" + number++ + rest).getBytes(StandardCharsets.UTF_8);
                at = 0;
            }
        }
    }
}
