package io.accrete.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.tidy.SourceTree.Source;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A code of a problem stands for one thing, which people look up. */
class ProblemCodeTest {
    private static final Pattern WRITTEN = Pattern.compile("\"([A-Z]{3}-\\d{3})\"");
    private static final Pattern NUMBERED = Pattern.compile("^ {4}[A-Z_]+\\((\\d+)\\)[,;]$");
    private static final String SHARED = "deploy/src/test/resources/tidy/shared-codes.txt";

    /** Whose numbers are whose codes; those of any YAML belong to both. */
    private static final Map<String, List<String>> FAMILIES =
            Map.of(
                    "YamlFault",
                    List.of("RCP", "TRN"),
                    "RecipeFault",
                    List.of("RCP"),
                    "JobFault",
                    List.of("TRN"),
                    "PlanFault",
                    List.of("TRN"));

    @Test
    void aCodeIsGivenInOneFileOrIsListedWithWhatItMeans() throws IOException {
        SortedMap<String, SortedSet<String>> shared = given();
        shared.values().removeIf(files -> files.size() == 1);

        assertThat(shared)
                .as(
                        "codes of several files. When this fails: take the next free number for"
                                + " another thing; where it is the same thing it goes into %s",
                        SHARED)
                .isEqualTo(listed());
    }

    @Test
    void everyFaultWithANumberHasItsFamily() {
        assertThat(SourceTree.those(ProblemCodeTest::hasNumbers))
                .extracting(ProblemCodeTest::simpleName)
                .containsExactlyInAnyOrderElementsOf(FAMILIES.keySet());
    }

    @Test
    void everyCodeOfATrainingIsInTheManual() {
        List<String> manual =
                SourceTree.those(file -> file.name().equals("docs/job-files.md"))
                        .getFirst()
                        .lines();
        assertThat(given().keySet())
                .filteredOn(code -> code.startsWith("TRN-"))
                .hasSizeGreaterThan(40)
                .allSatisfy(
                        code ->
                                assertThat(manual)
                                        .as(code)
                                        .filteredOn(line -> line.startsWith("| " + code + " |"))
                                        .hasSize(1));
    }

    /** The main files that give each. */
    private static SortedMap<String, SortedSet<String>> given() {
        SortedMap<String, SortedSet<String>> given = new TreeMap<>();
        for (Source source : SourceTree.those(file -> file.isJava() && file.isMain())) {
            for (String code : codes(source)) {
                given.computeIfAbsent(code, _ -> new TreeSet<>()).add(simpleName(source));
            }
        }
        return given;
    }

    private static List<String> codes(Source source) {
        List<String> codes = new ArrayList<>();
        for (String line : source.lines()) {
            Matcher written = WRITTEN.matcher(line);
            while (written.find()) {
                codes.add(written.group(1));
            }
            Matcher number = NUMBERED.matcher(line);
            if (hasNumbers(source) && number.find()) {
                int code = Integer.parseInt(number.group(1));
                FAMILIES.getOrDefault(simpleName(source), List.of())
                        .forEach(family -> codes.add("%s-%03d".formatted(family, code)));
            }
        }
        return codes;
    }

    private static boolean hasNumbers(Source source) {
        return source.isJava()
                && source.isMain()
                && source.lines().stream().anyMatch(line -> line.endsWith(" implements Fault {"));
    }

    private static String simpleName(Source source) {
        return source.path().getFileName().toString().replace(".java", "");
    }

    private static SortedMap<String, SortedSet<String>> listed() throws IOException {
        SortedMap<String, SortedSet<String>> listed = new TreeMap<>();
        for (String line : Files.readAllLines(SourceTree.ROOT.resolve(SHARED))) {
            if (!line.startsWith("#")) {
                String[] parts = line.split(" ", 3);
                assertThat(parts).as("a code, files and a meaning in: " + line).hasSize(3);
                listed.put(parts[0], new TreeSet<>(Arrays.asList(parts[1].split(","))));
            }
        }
        return listed;
    }
}
