package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteCountTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "300K, 300000",
        "500k, 500000",
        "7m, 7000000",
        "5B, 5000000000",
        "1.5B, 1500000000",
        "5GB, 5000000000",
        "4GiB, 4294967296",
        "2 TB, 2000000000000"
    })
    void readsWhatMergekitAndPeopleWrite(String text, long bytes) {
        assertThat(ByteCount.parse(text)).contains(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "B", "five", "5 X", "1e9", "99999999999TB", "5i", "5ib"})
    void refusesWhatIsNoNumberOfBytes(String text) {
        assertThat(ByteCount.parse(text)).isEmpty();
    }

    @Test
    void writesThreeDigits() {
        assertThat(ByteCount.text(999)).isEqualTo("999 B");
        assertThat(ByteCount.text(1_000)).isEqualTo("1.0 kB");
        assertThat(ByteCount.text(243_786_137_600L)).isEqualTo("244 GB");
        assertThat(ByteCount.text(999_960)).isEqualTo("1.0 MB");
    }
}
