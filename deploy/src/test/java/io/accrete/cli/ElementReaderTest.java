package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

class ElementReaderTest {
    @ParameterizedTest
    @CsvSource({
        "F32, 0000803f, 1",
        "F16, 00c0, -2",
        "BF16, 803f, 1",
        "F64, 000000000000e0bf, -0.5",
        "F8_E4M3, 38, 1",
        "F8_E4M3, 7e, 448",
        "F8_E4M3, 01, 0.001953125",
        "F8_E4M3, 7f, NaN",
        "F8_E5M2, bc, -1",
        "I8, ff, -1",
        "U8, ff, 255",
        "U16, ffff, 65535",
        "I32, feffffff, -2",
        "U64, ffffffffffffffff, 18446744073709551615"
    })
    void readsLittleEndianElements(DType dtype, String hex, double value) {
        double[] into = new double[1];
        ElementReader.read(dtype, ByteBuffer.wrap(HexFormat.of().parseHex(hex)), 1, into);
        assertThat(into[0]).isEqualTo(Double.valueOf(value));
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "7"})
    void readsEachTypeThatItClaimsToRead(int index) {
        double[] into = new double[8];
        for (DType dtype : Arrays.stream(DType.values()).filter(ElementReader::reads).toList()) {
            ElementReader.read(dtype, ByteBuffer.allocate(64), 8, into);
            assertThat(into[index]).as(dtype.name()).isZero();
        }
    }
}
