package io.accrete.coordinator.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigInteger;

/** Expected values are those of PyYAML 6.0 {@code safe_load}. */
class Yaml11Test {
    private static Scalar scalar(String text) {
        ProblemLog log = new ProblemLog(Texts.KIND, false);
        YamlNode root = YamlTree.read(new SourceText("f", "k: " + text), log).getFirst();
        assertThat(log.inOrder()).isEmpty();
        return (Scalar) ((Mapping) root).entries().getFirst().value();
    }

    @ParameterizedTest
    @CsvSource({
        "yes,true",
        "Yes,true",
        "NO,false",
        "on,true",
        "Off,false",
        "true,true",
        "False,false"
    })
    void wordsAreFlags(String text, boolean value) {
        assertThat(scalar(text).kind()).isEqualTo(Kind.FLAG);
        assertThat(scalar(text).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "00,0",
        "010,8",
        "03,3",
        "-010,-8",
        "0x1F,31",
        "0b101,5",
        "1_000,1000",
        "+7,7",
        "1:30,90",
        "-1:30,-90",
        "190:20:30,685230",
        "0_1,1"
    })
    void integersHaveOctalBinaryAndSexagesimalForms(String text, long value) {
        assertThat(scalar(text).kind()).isEqualTo(Kind.INTEGER);
        assertThat(scalar(text).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "1.,1",
        ".5,0.5",
        "1.5e+3,1500",
        "1.5e-3,0.0015",
        "1_0.5,10.5",
        "1:30.5,90.5",
        "-.inf,-Infinity",
        ".NaN,NaN",
        "012.5,12.5"
    })
    void fractionsNeedAPointAndASignedExponent(String text, double value) {
        assertThat(scalar(text).kind()).isEqualTo(Kind.FRACTION);
        assertThat(scalar(text).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e-5",
                "1e3",
                "1.0e3",
                "y",
                "n",
                "yEs",
                "08",
                "0o10",
                "1:60",
                "0b2",
                "-.5",
                "1,5",
                ".",
                "nan",
                "inf",
                "12:30:99",
                "'5'",
                "\"yes\"",
                "2001-1-1",
                "_1"
            })
    void otherScalarsAreText(String text) {
        assertThat(scalar(text).kind()).isEqualTo(Kind.TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"~", "null", "NULL", "", "!!null x"})
    void nothing(String text) {
        assertThat(scalar(text).isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2001-01-01", "2001-12-14t21:59:43.10-05:00", "2001-1-1 1:00:00"})
    void dates(String text) {
        assertThat(scalar(text).kind()).isEqualTo(Kind.DATE);
    }

    @Test
    void tagsOfYamlItselfChangeTheType() {
        assertThat(scalar("!!str 5").value()).isEqualTo("5");
        assertThat(scalar("!!float 5").value()).isEqualTo(5.0);
        assertThat(scalar("!!int '5'").value()).isEqualTo(5L);
        assertThat(scalar("!!bool 'on'").value()).isEqualTo(true);
    }

    @Test
    void integersOfAnySizeAreKept() {
        assertThat(scalar("9223372036854775808").value())
                .isEqualTo(new BigInteger("9223372036854775808"));
        assertThat(scalar("-9223372036854775808").value()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void numbersLongerThanAnyoneMeansAreText() {
        assertThat(scalar("1" + "0".repeat(5000)).kind()).isEqualTo(Kind.TEXT);
        assertThat(scalar("1" + ":1".repeat(50_000)).kind()).isEqualTo(Kind.TEXT);
    }
}
