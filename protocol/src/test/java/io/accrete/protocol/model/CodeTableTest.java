package io.accrete.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The documentation has every code, with the words of the program. */
class CodeTableTest {

    private static final Path PAGE =
            Path.of(System.getProperty("basedir", ""), "..", "docs", "model-files.md");

    @Test
    void everyCodeIsInTheDocumentation() throws IOException {
        String table =
                Stream.concat(
                                Arrays.stream(Fault.values())
                                        .map(f -> row(f.code(), "error", f.meaning(), f.fix())),
                                Arrays.stream(FolderFault.values())
                                        .map(
                                                f ->
                                                        row(
                                                                f.code(),
                                                                f.isError() ? "error" : "warning",
                                                                f.meaning(),
                                                                f.fix())))
                        .sorted()
                        .collect(Collectors.joining("\n"));

        assertThat(Files.readString(PAGE))
                .as("the table of codes in %s. When this fails: replace it by%n%s", PAGE, table)
                .contains(table);
    }

    private static String row(String code, String severity, String meaning, String fix) {
        return "| %s | %s | %s | %s |".formatted(code, severity, meaning, fix);
    }
}
