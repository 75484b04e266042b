package io.accrete.coordinator.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class WordsTest {
    @ParameterizedTest
    @CsvSource({
        "lamda, lambda, 1",
        "dtpye, dtype, 1",
        "a, b, 1",
        "'', abc, 3",
        "kitten, sitting, 3"
    })
    void distanceCountsEdits(String a, String b, int edits) {
        assertThat(Words.distance(a, b)).isEqualTo(edits);
        assertThat(Words.distance(b, a)).isEqualTo(edits);
    }

    @Test
    void onlyNearNamesAreMeant() {
        List<String> names = List.of("models", "slices", "merge_method");
        assertThat(Words.closest("model", names)).contains("models");
        assertThat(Words.closest("Merge-Method", names)).contains("merge_method");
        assertThat(Words.closest("weights", names)).isEmpty();
        assertThat(Words.closest("x".repeat(10_000), names)).isEmpty();
    }

    @Test
    void quotesAreShortAndPrintable() {
        assertThat(Words.shortened("a\u001b[31m\n\u202eb")).isEqualTo("a\uFFFD[31m \uFFFDb");
        assertThat(Words.shortened("\uD83D\uDE00".repeat(100)).codePoints().count()).isEqualTo(60);
    }
}
