package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {

    @ParameterizedTest
    @CsvSource({
        "*, '', true",
        "a.b, a.b, true",
        "a.b, axb, false",
        "a, ab, false",
        "model.layers.3.*, model.layers.3.mlp.up_proj.weight, true",
        "model.layers.3.*, model.layers.30.mlp.up_proj.weight, false",
        "*.?.*, a.3.b, true",
        "*.?.*, a.33.b, false",
        "*ab*ab, xabyabzab, true",
        "*ab*ab, xabyb, false",
        "a?, a, false",
        "[ab], a, false",
        "a*********************b, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac, false",
    })
    void starsAndQuestionMarksStandForCharacters(String pattern, String name, boolean matches) {
        assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
    }
}
