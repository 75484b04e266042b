package io.accrete.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.tidy.SourceTree.Source;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Sizes, leftovers and banned calls. The messages say what to do instead. */
class TidyTest {

    private static final int MAIN_FILE_LINES_MAX = 400;
    private static final int METHOD_LINES_MAX = 70;
    private static final int COLUMNS_MAX = 100;
    private static final String LONG_FILES = "deploy/src/test/resources/tidy/long-files.txt";

    /** What must not be written in Java, and what to write instead. */
    private static final Map<Pattern, String> BANNED =
            Map.of(
                    Pattern.compile("\\.printStackTrace\\(\\)"),
                    "log it with its cause, or turn it into a Problem",
                    Pattern.compile("Thread\\.sleep\\("),
                    "wait for the event itself: a latch or timer, Awaitility in tests",
                    Pattern.compile("\\bnew Random\\(\\)|Math\\.random\\("),
                    "take a seed: what cannot be repeated cannot be debugged",
                    Pattern.compile("System\\.currentTimeMillis\\("),
                    "System.nanoTime for durations, a Clock for dates",
                    Pattern.compile("catch \\((Exception|Throwable) \\w+\\) \\{\\s*\\}"),
                    "name what may happen, and say why nothing follows from it",
                    Pattern.compile(
                            "new (LinkedBlocking|ConcurrentLinked)(Queue|Deque)<[^(]*>\\(\\)"),
                    "give it a bound: every queue has one",
                    Pattern.compile("@Disabled\\b"),
                    "mend the test, or assume what it needs with a sentence",
                    Pattern.compile("^import .*\\*;"),
                    "name what you import");

    private static final Pattern LEFTOVER =
            Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    /** A link, or a string on a line of its own, which the formatter does not always break. */
    private static final Pattern UNBREAKABLE = Pattern.compile("https://|^\\s*\"[^\"]*\"[,;)]*$");

    /** Folders of a machine, none of a reader's business. */
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.*])/(wor[k]|roo[t])/|/tmp/bas[h]_jobs|\\bfile:///hom[e]/");

    @Test
    void mainFilesAreShort() throws IOException {
        Map<String, String> reasons = reasonsForLength();
        List<String> faults = new ArrayList<>();
        for (Source source : SourceTree.those(file -> file.isJava() && file.isMain())) {
            boolean isLong = source.lines().size() > MAIN_FILE_LINES_MAX;
            if (isLong && !reasons.containsKey(source.name())) {
                faults.add(source.name() + " has " + source.lines().size() + " lines");
            }
            if (!isLong && reasons.containsKey(source.name())) {
                faults.add(source.name() + " is short again: take it off the list");
            }
        }
        assertThat(faults)
                .as(
                        "main files above %d lines. When this fails: find the part that has a name"
                            + " of its own; a table that is one thing goes into %s with its reason",
                        MAIN_FILE_LINES_MAX, LONG_FILES)
                .isEmpty();
    }

    /** A name in a log, a stack trace or a talk stands for one class. */
    @Test
    void everyMainClassHasANameOfItsOwn() {
        Map<String, List<String>> files = new TreeMap<>();
        for (Source source : SourceTree.those(file -> file.isJava() && file.isMain())) {
            String name = source.path().getFileName().toString();
            if (!name.equals("package-info.java")) {
                files.computeIfAbsent(name, n -> new ArrayList<>()).add(source.name());
            }
        }
        assertThat(files.values())
                .as("classes by simple name. When this fails: find the noun in which they differ")
                .isNotEmpty()
                .allSatisfy(places -> assertThat(places).hasSize(1));
    }

    @Test
    void methodsFitOnAScreen() {
        assertThat(MethodLengths.of(SourceTree.those(Source::isJava)))
                .as(
                        "methods above %d lines. When this fails: keep the branching here and give"
                                + " the pieces of straight work names",
                        METHOD_LINES_MAX)
                .filteredOn(method -> method.lines() > METHOD_LINES_MAX)
                .isEmpty();
    }

    @Test
    void linesFitInAHundredColumns() {
        assertThat(linesOf(Source::isJava, line -> isTooWide(line) || line.contains("\t")))
                .as(
                        "lines above %d columns, or with a tab. When this fails: break the string"
                                + " or the comment; the formatter does the rest",
                        COLUMNS_MAX)
                .isEmpty();
    }

    @Test
    void nothingIsLeftOver() {
        assertThat(linesOf(file -> true, LEFTOVER.asPredicate()))
                .as("reminders. When this fails: do it now, or file an issue and delete the line")
                .isEmpty();
        assertThat(linesOf(file -> true, MACHINE_PATH.asPredicate()))
                .as("paths of one machine. When this fails: use a relative path or a variable")
                .isEmpty();
    }

    @Test
    void bannedCallsStayAway() {
        Map<String, String> faults = new TreeMap<>();
        for (Source source : SourceTree.those(Source::isJava)) {
            if (source.name().endsWith("/tidy/TidyTest.java")) {
                continue; // it has to name them
            }
            BANNED.forEach(
                    (call, remedy) ->
                            found(source, call.asPredicate())
                                    .forEach(place -> faults.put(place, "instead: " + remedy)));
        }
        assertThat(faults).as("banned calls").isEmpty();
    }

    private static boolean isTooWide(String line) {
        return line.codePointCount(0, line.length()) > COLUMNS_MAX
                && !UNBREAKABLE.matcher(line).find();
    }

    private static List<String> linesOf(
            java.util.function.Predicate<Source> files,
            java.util.function.Predicate<String> lines) {
        return SourceTree.those(files).stream()
                .flatMap(source -> found(source, lines).stream())
                .toList();
    }

    private static List<String> found(Source source, java.util.function.Predicate<String> wanted) {
        List<String> places = new ArrayList<>();
        for (int i = 0; i < source.lines().size(); i++) {
            if (wanted.test(source.lines().get(i))) {
                places.add(source.name() + ":" + (i + 1) + ": " + source.lines().get(i).strip());
            }
        }
        return places;
    }

    /** Lines of the list: a path, blanks, the reason. */
    private static Map<String, String> reasonsForLength() throws IOException {
        Map<String, String> reasons = new TreeMap<>();
        for (String line : Files.readAllLines(SourceTree.ROOT.resolve(LONG_FILES))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.strip().split("\\s+", 2);
                assertThat(parts).as("a path and a reason in: " + line).hasSize(2);
                reasons.put(parts[0], parts[1]);
            }
        }
        return reasons;
    }
}
