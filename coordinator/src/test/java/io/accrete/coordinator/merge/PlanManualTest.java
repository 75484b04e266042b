package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The table of codes in the manual against the codes in the program. */
class PlanManualTest {
    private static final Path MAIN = Path.of("src/main/java/io/accrete/coordinator");
    private static final Pattern USED = Pattern.compile("\"(PLN-\\d{3})\"");
    private static final Pattern LISTED = Pattern.compile("^\\| `(PLN-\\d{3})` \\|");

    @Test
    void everyCodeIsInTheManualAndNoOther() throws IOException {
        SortedSet<String> used = new TreeSet<>();
        try (Stream<Path> files = Files.walk(MAIN)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                used.addAll(found(USED, file));
            }
        }
        assertThat(found(LISTED, Path.of("..", "docs", "plans.md")))
                .isEqualTo(used)
                .hasSizeGreaterThan(40);
    }

    private static SortedSet<String> found(Pattern pattern, Path file) throws IOException {
        SortedSet<String> codes = new TreeSet<>();
        for (String line : Files.readAllLines(file)) {
            Matcher matcher = pattern.matcher(line);
            while (matcher.find()) {
                codes.add(matcher.group(1));
            }
        }
        return codes;
    }
}
