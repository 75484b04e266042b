package io.accrete.protocol.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class ShardHeaderTest {

    private static final TensorSpec MATRIX = new TensorSpec("w", DType.F16, Shape.of(2, 3));
    private static final TensorSpec SCALAR =
            new TensorSpec("s\n\u0001\"\u00e4", DType.F32, Shape.of());

    @Test
    void writesTheTextOfTheReferenceImplementation() {
        byte[] header = ShardHeader.encode(List.of(SCALAR, MATRIX), Map.of("format", "pt"), 0);

        assertThat(json(header).strip())
                .isEqualTo(
                        "{\"__metadata__\":{\"format\":\"pt\"},\"s\\n"
                            + "\\u0001\\\"\u00e4\":"
                            + "{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                            + "\"w\":{\"dtype\":\"F16\",\"shape\":[2,3],\"data_offsets\":[4,16]}}");
        assertThat(header.length % 8).isZero();
    }

    @Test
    void padsWithBlanksToExactlyTheWantedLength() throws SafetensorsException {
        byte[] header = ShardHeader.encode(List.of(MATRIX), Map.of(), 4096);

        assertThat(header).hasSize(4096);
        SafetensorsHeader read = SafetensorsHeader.validate(header, 4096 + MATRIX.bytes());
        assertThat(read.headerBytes()).isEqualTo(4096);
        assertThat(read.entries())
                .extracting(SafetensorsHeader.Entry::spec)
                .containsExactly(MATRIX);
    }

    @Test
    void anEmptyFileHasAnEmptyObject() {
        assertThat(json(ShardHeader.encode(List.of(), Map.of(), 0)).strip()).isEqualTo("{}");
    }

    @Test
    void refusesLengthsThatDoNotFitAndNamesThatOccurTwice() {
        assertThatThrownBy(() -> ShardHeader.encode(List.of(MATRIX), Map.of(), 16))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ShardHeader.encode(List.of(), Map.of(), 100_000_009))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ShardHeader.encode(List.of(MATRIX, MATRIX), Map.of(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`w`");
        TensorSpec reserved = new TensorSpec("__metadata__", DType.U8, Shape.of(1));
        assertThatThrownBy(() -> ShardHeader.encode(List.of(reserved), Map.of(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ordersByTypeThenByNameAsUtf8() {
        TensorSpec f32 = new TensorSpec("z", DType.F32, Shape.of(1));
        TensorSpec bf16 = new TensorSpec("a", DType.BF16, Shape.of(1));
        TensorSpec f16 = new TensorSpec("b", DType.F16, Shape.of(1));
        TensorSpec layer10 = new TensorSpec("layers.10", DType.U8, Shape.of(1));
        TensorSpec layer2 = new TensorSpec("layers.2", DType.U8, Shape.of(1));
        TensorSpec emoji = new TensorSpec("\ud83d\ude00", DType.U8, Shape.of(1));
        TensorSpec privateUse = new TensorSpec("\ue000", DType.U8, Shape.of(1));

        assertThat(
                        Stream.of(emoji, layer2, f16, privateUse, f32, layer10, bf16)
                                .sorted(ShardHeader.ORDER))
                .containsExactly(f32, bf16, f16, layer10, layer2, privateUse, emoji);
    }

    private static String json(byte[] header) {
        return new String(Arrays.copyOfRange(header, 8, header.length), StandardCharsets.UTF_8);
    }
}
