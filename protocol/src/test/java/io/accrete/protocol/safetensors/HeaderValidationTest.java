package io.accrete.protocol.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.safetensors.SafetensorsException.Fault;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One test per fault, and what must be accepted although it looks odd. */
class HeaderValidationTest {

    private static final String A = "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}";

    @Test
    void acceptsWhatTheReferenceAccepts() {
        accepted("{" + A + "}", 2);
        accepted("{}", 0);
        accepted(" \n\t{" + A + "}  \r\n", 2);
        accepted("{\"__metadata__\":null," + A + "}", 2);
        accepted("{" + A + ",\"__metadata__\":{\"format\":\"pt\"}}", 2);
        accepted("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1);
        accepted("{\"a\":{\"dtype\":\"U8\",\"shape\":[0,7],\"data_offsets\":[0,0]}}", 0);
        accepted("{\"\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"x\":[{}]}}", 2);
        accepted("{\"\\ud83d\\ude00\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2);
        accepted(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
                        + "\"b\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
                        + A.replace("\"a\"", "\"c\"")
                        + "}",
                2);
    }

    @Test
    void ordersTensorsByOffsetWhateverTheOrderOfTheText() throws SafetensorsException {
        byte[] file =
                SafetensorsWriter.raw(
                        "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                                + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                        2);

        assertThat(SafetensorsHeader.validate(file, file.length).entries())
                .extracting(SafetensorsHeader.Entry::name)
                .containsExactly("a", "b");
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void acceptsEveryTypeOfTheFormat(DType dtype) throws SafetensorsException {
        int bytes = 8 * dtype.bits() / 8;
        byte[] file =
                SafetensorsWriter.raw(
                        "{\"a\":{\"dtype\":\"%s\",\"shape\":[2,4],\"data_offsets\":[0,%d]}}"
                                .formatted(dtype, bytes),
                        bytes);

        SafetensorsHeader header = SafetensorsHeader.validate(file, file.length);

        assertThat(header.entry("a").orElseThrow().spec().dtype()).isEqualTo(dtype);
        assertThat(header.entry("a").orElseThrow().spec().shape()).isEqualTo(Shape.of(2, 4));
    }

    @Test
    void refusesFilesTooShortForAPrefix() {
        assertThat(refusal(new byte[0]).sentence()).isEqualTo("the file is empty");
        assertThat(refusal(new byte[7]).fault()).isEqualTo(Fault.TOO_SHORT);
    }

    @Test
    void refusesAHeaderBeyondTheFormatsLimitBeforeReadingIt() {
        byte[] file = SafetensorsWriter.raw("{}", 0);
        file[7] = 0x10;
        assertThat(refusal(file).fault()).isEqualTo(Fault.HEADER_TOO_LARGE);
        file[7] = (byte) 0x80;
        assertThat(refusal(file).fault()).isEqualTo(Fault.HEADER_TOO_LARGE);
    }

    @Test
    void refusesAHeaderBeyondTheFile() {
        byte[] file = SafetensorsWriter.raw("{}", 0);
        file[0] = 3;
        assertThat(refusal(file).fault()).isEqualTo(Fault.HEADER_BEYOND_FILE);
    }

    @Test
    void refusesAFileThatShrinksWhileItIsRead() {
        byte[] file = SafetensorsWriter.raw("{" + A + "}", 2);
        byte[] shrunk = Arrays.copyOf(file, 20);
        assertThat(
                        catchThrowableOfType(
                                        SafetensorsException.class,
                                        () -> SafetensorsHeader.validate(shrunk, file.length))
                                .fault())
                .isEqualTo(Fault.HEADER_BEYOND_FILE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Git LFS pointer|LFS_POINTER|version https://git-lfs.github.com/spec/v1",
                "zip archive|OTHER_FORMAT|PK\u0003\u0004 and more",
                "GGUF|OTHER_FORMAT|GGUF\u0003 and more",
                "web page|OTHER_FORMAT|<!DOCTYPE html><html>",
                "JSON text|OTHER_FORMAT|{\"architectures\": []}"
            })
    void tellsWhatAForeignFileIs(String says, Fault fault, String text) {
        SafetensorsException refusal = refusal(text.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(refusal.fault()).isEqualTo(fault);
        assertThat(refusal.sentence()).contains(says);
    }

    @Test
    void saysHowManyBytesAnLfsPointerStandsFor() {
        String pointer =
                "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 4953586384\n"
                        .formatted("ab".repeat(32));
        SafetensorsException refusal = refusal(pointer.getBytes(StandardCharsets.UTF_8));
        assertThat(refusal.sentence()).contains("4,953,586,384");
        assertThat(refusal.fault().fix()).contains("git lfs pull");
    }

    @Test
    void refusesWhatIsNotUtf8() {
        byte[] latin = "{\"\u00e4\":1}".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(refusal(SafetensorsWriter.raw(latin, 0)).fault()).isEqualTo(Fault.NOT_UTF8);
        byte[] surrogate = {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'};
        assertThat(refusal(SafetensorsWriter.raw(surrogate, 0)).fault()).isEqualTo(Fault.NOT_UTF8);
    }

    @Test
    void refusesWhatIsNotJson() {
        refused(Fault.NOT_JSON, "", 0);
        refused(Fault.NOT_JSON, "    ", 0);
        refused(Fault.NOT_JSON, "{", 0);
        refused(Fault.NOT_JSON, "\ufeff{" + A + "}", 2);
        refused(Fault.NOT_JSON, "{" + A + ",}", 2);
        refused(Fault.NOT_JSON, "{" + A + "}x", 2);
        refused(Fault.NOT_JSON, "{" + A + "}\0", 2);
        refused(Fault.NOT_JSON, "{" + A + "}{}", 2);
        refused(Fault.NOT_JSON, "{/* */" + A + "}", 2);
        refused(Fault.NOT_JSON, "{'a':{}}", 0);
        refused(Fault.NOT_JSON, "{\"a\u0001\":{}}", 0);
        refused(Fault.NOT_JSON, "{\"\\ud800\":{}}", 0);
        refused(Fault.NOT_JSON, tensor("U8", "[02]", "[0,2]"), 2);
        refused(Fault.NOT_JSON, tensor("U8", "[2]", "[0,2],\"x\":NaN"), 2);
        refused(Fault.NOT_JSON, tensor("U8", "[2]", "[0,2],\"x\":1e999"), 2);
    }

    @Test
    void refusesNestsAndNamesBeyondItsLimits() {
        String deep = "[".repeat(126) + "]".repeat(126);
        refused(Fault.BEYOND_LIMIT, tensor("U8", "[2]", "[0,2],\"x\":" + deep), 2);
        String legal = "[".repeat(125) + "]".repeat(125);
        accepted(tensor("U8", "[2]", "[0,2],\"x\":" + legal), 2);
        refused(Fault.BEYOND_LIMIT, "{\"" + "n".repeat(50_001) + "\":{}}", 0);
        refused(Fault.BEYOND_LIMIT, tensor("U8", "[" + "1,".repeat(255) + "1]", "[0,1]"), 1);
    }

    @Test
    void refusesWhatIsNoObjectOfTensors() {
        refused(Fault.WRONG_STRUCTURE, "[]", 0);
        refused(Fault.WRONG_STRUCTURE, "null", 0);
        refused(Fault.WRONG_STRUCTURE, "1", 0);
        refused(Fault.WRONG_STRUCTURE, "{\"a\":null}", 0);
        refused(Fault.WRONG_STRUCTURE, "{\"a\":[\"U8\",[2],[0,2]]}", 2);
        refused(Fault.WRONG_STRUCTURE, "{\"a\":{\"shape\":[2],\"data_offsets\":[0,2]}}", 2);
        refused(Fault.WRONG_STRUCTURE, "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,2]}}", 2);
        refused(Fault.WRONG_STRUCTURE, "{\"a\":{\"dtype\":\"U8\",\"shape\":[2]}}", 2);
    }

    @Test
    void refusesKeysThatAreSaidTwice() {
        refused(Fault.DUPLICATE_KEY, "{" + A + "," + A + "}", 2);
        refused(Fault.DUPLICATE_KEY, "{" + A + "," + A.replace("\"a\"", "\"\\u0061\"") + "}", 2);
        refused(Fault.DUPLICATE_KEY, "{\"__metadata__\":{},\"__metadata__\":{}}", 0);
        refused(Fault.DUPLICATE_KEY, "{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0);
        refused(Fault.DUPLICATE_KEY, tensor("U8", "[2]", "[0,2],\"dtype\":\"I8\""), 2);
        refused(Fault.DUPLICATE_KEY, tensor("U8", "[2]", "[0,2],\"x\":{\"y\":1,\"y\":2}"), 2);
    }

    @Test
    void refusesMetadataThatIsNoObjectOfStrings() {
        refused(Fault.WRONG_METADATA, "{\"__metadata__\":[]}", 0);
        refused(Fault.WRONG_METADATA, "{\"__metadata__\":{\"a\":1}}", 0);
        refused(Fault.WRONG_METADATA, "{\"__metadata__\":{\"a\":null}}", 0);
        refused(Fault.WRONG_METADATA, "{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0);
    }

    @Test
    void refusesTypesThatTheFormatDoesNotKnow() {
        refused(Fault.UNKNOWN_DTYPE, tensor("u8", "[2]", "[0,2]"), 2);
        refused(Fault.UNKNOWN_DTYPE, tensor("F128", "[2]", "[0,32]"), 32);
        refused(Fault.UNKNOWN_DTYPE, tensor("U8", "[2]", "[0,2]").replace("\"U8\"", "8"), 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[2.0]", "[2e0]", "[-2]", "[-0]", "[\"2\"]", "[null]", "[[2]]", "null", "2", "{}"
            })
    void refusesShapesThatAreNoNonNegativeIntegers(String shape) {
        refused(Fault.WRONG_SHAPE, tensor("U8", shape, "[0,2]"), 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[0]",
                "[0,2,3]",
                "[0.0,2]",
                "[-0,2]",
                "[\"0\",2]",
                "{}",
                "null",
                "[2,0]",
                "[]"
            })
    void refusesOffsetsThatAreNoPair(String offsets) {
        Fault fault = refusal(SafetensorsWriter.raw(tensor("U8", "[2]", offsets), 2)).fault();
        assertThat(fault).isEqualTo(Fault.WRONG_OFFSETS);
    }

    @Test
    void refusesHolesAndOverlaps() {
        refused(Fault.NOT_CONTIGUOUS, tensor("U8", "[1]", "[1,2]"), 2);
        String b = A.replace("\"a\"", "\"b\"");
        refused(Fault.NOT_CONTIGUOUS, "{" + A + "," + b + "}", 2);
        refused(Fault.NOT_CONTIGUOUS, "{" + A + "," + b.replace("[0,2]", "[3,5]") + "}", 5);
    }

    @Test
    void refusesSizesThatOverflow() {
        refused(Fault.SIZE_OVERFLOW, tensor("F32", "[4294967296,4294967296]", "[0,4]"), 4);
        refused(Fault.SIZE_OVERFLOW, tensor("F64", "[1152921504606846976]", "[0,8]"), 8);
        refused(Fault.SIZE_OVERFLOW, tensor("U8", "[18446744073709551616]", "[0,1]"), 1);
        refused(Fault.SIZE_OVERFLOW, tensor("U8", "[18446744073709551615,2,0]", "[0,0]"), 0);
    }

    @Test
    void refusesElementsThatDoNotFillWholeBytes() {
        refused(Fault.PARTIAL_BYTE, tensor("F4", "[3]", "[0,2]"), 2);
        refused(Fault.PARTIAL_BYTE, tensor("F6_E2M3", "[2]", "[0,2]"), 2);
    }

    @Test
    void refusesSizesThatDoNotFitTheShape() {
        refused(Fault.SIZE_MISMATCH, tensor("U8", "[3]", "[0,2]"), 2);
        refused(Fault.SIZE_MISMATCH, tensor("F32", "[]", "[0,2]"), 2);
    }

    @Test
    void refusesDataThatIsTooShortOrTooLong() {
        refused(Fault.TRUNCATED, "{" + A + "}", 1);
        refused(Fault.LEFT_OVER, "{" + A + "}", 3);
        refused(Fault.LEFT_OVER, "{}", 1);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyFaultHasACodeAMeaningAndAFix(Fault fault) {
        assertThat(fault.code()).matches("FMT-0\\d\\d");
        assertThat(fault.meaning()).endsWith(".");
        assertThat(fault.fix()).isNotBlank();
        assertThat(Fault.values()).filteredOn(f -> f.code().equals(fault.code())).hasSize(1);
    }

    @Test
    void aHostileNameIsShownShortAndPrintable() {
        String name = "\\u001b[31m" + "n".repeat(5_000);
        SafetensorsException refusal = refusal(SafetensorsWriter.raw("{\"" + name + "\":null}", 0));
        assertThat(refusal.sentence()).hasSizeLessThan(300).doesNotContain("\u001b");
    }

    private static String tensor(String dtype, String shape, String offsets) {
        return "{\"a\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
                .formatted(dtype, shape, offsets);
    }

    private static void accepted(String json, int dataBytes) {
        byte[] file = SafetensorsWriter.raw(json, dataBytes);
        assertThatCode(() -> SafetensorsHeader.validate(file, file.length))
                .as(json)
                .doesNotThrowAnyException();
    }

    private static void refused(Fault fault, String json, int dataBytes) {
        assertThat(refusal(SafetensorsWriter.raw(json, dataBytes)).fault())
                .as(json)
                .isEqualTo(fault);
    }

    private static SafetensorsException refusal(byte[] file) {
        return catchThrowableOfType(
                SafetensorsException.class, () -> SafetensorsHeader.validate(file, file.length));
    }
}
