package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTypeTest {
    @ParameterizedTest
    @CsvSource({
        "application/json, JSON",
        "Application/JSON, JSON",
        "application/job+json, JSON",
        "application/octet-stream, JSON",
        "application/yaml, YAML",
        "application/x-yaml, YAML",
        "text/yaml, YAML",
        "application/job+yaml, YAML"
    })
    void aTypeHasSeveralNames(String name, BodyType type) {
        assertThat(BodyType.of(name)).hasValue(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "application/xml",
                ""
            })
    void whatThePagesOfOthersCanSendIsNone(String name) {
        assertThat(BodyType.of(name)).isEmpty();
    }
}
