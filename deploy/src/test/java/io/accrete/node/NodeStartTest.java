package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.util.List;

class NodeStartTest {
    static final List<String> CLASSES = NodeStart.CLASSES;

    @ParameterizedTest
    @FieldSource("CLASSES")
    void knowsClassesOfTheLibrariesAsTheyAre(String name) {
        assertThatCode(() -> Class.forName(name)).doesNotThrowAnyException();
    }
}
