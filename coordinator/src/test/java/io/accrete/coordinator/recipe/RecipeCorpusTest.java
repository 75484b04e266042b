package io.accrete.coordinator.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

class RecipeCorpusTest {
    private static final String FORK = "a method of mergekitter";
    private static final String DUPLICATE = "0.1.5 refuses a model that is twice in a slice";
    private static final String BASE = "0.1.5 refuses a base_model that is no source of the slice";

    /** What mergekit's schema lets pass, and why it is refused here: its planner refuses it too. */
    private static final Map<String, Refusal> REFUSED =
            Map.ofEntries(
                    refused("HuggingMerger__mergekitter__examples__magic-iso.yml", "RCP-012", FORK),
                    refused("HuggingMerger__mergekitter__examples__rcz.yml", "RCP-012", FORK),
                    refused("HuggingMerger__mergekitter__examples__scf_rkl.yml", "RCP-012", FORK),
                    refused(
                            "arcee-ai__mergekit__issue-354__unequal-layer-counts-wrong.yml",
                            "RCP-025 RCP-026",
                            DUPLICATE),
                    refused(
                            "arcee-ai__mergekit__issue-632__gemma3-modules-text_decoder.yml",
                            "RCP-025",
                            "slerp takes two models"),
                    refused(
                            "ichnixkann__model-merge-tools__merge_config.yml",
                            "RCP-020",
                            "task_arithmetic needs a weight"),
                    refused(
                            "index-67115033816__pythia-70m-evolve-modules-linear.yml",
                            "RCP-025",
                            DUPLICATE),
                    refused(
                            "leliuga__cohere-configurations__models__Capybara-Tess-Yi-34B-200K__README.yml",
                            "RCP-020",
                            "ties needs a weight"),
                    refused(
                            "leliuga__cohere-configurations__models__Nous-Hermes-2-SUS-Chat-34B-Slerp__README.yml",
                            "RCP-025",
                            BASE),
                    refused(
                            "leliuga__cohere-configurations__models__SauerkrautLM-UNA-SOLAR-Instruct__README.yml",
                            "RCP-025",
                            BASE),
                    refused(
                            "leliuga__cohere-configurations__models__Seraph-7B__README.yml",
                            "RCP-025",
                            BASE),
                    refused(
                            "leliuga__cohere-configurations__models__openchat-3.5-1210-Seraph-Slerp__README.yml",
                            "RCP-025",
                            BASE));

    /** Files of several recipes: mergekit-multi reads them, mergekit-yaml does not. */
    private static final Set<String> SEVERAL = Set.of("allura-org__mergekitty__examples__mega.yml");

    private record Refusal(Set<String> codes, String why) {}

    private static Map.Entry<String, Refusal> refused(String file, String codes, String why) {
        return Map.entry(file, new Refusal(Set.of(codes.split(" ")), why));
    }

    private static Path folder(String variable, String path) {
        String root = System.getenv(variable);
        assumeTrue(root != null, variable + " is not set: its recipes are not read");
        return Path.of(root).resolve(path);
    }

    @Test
    void publishedRecipesGetTheVerdictOfMergekit() throws IOException {
        Path folder = folder("ACCRETE_DATA", "recipes");
        List<String> wrong = new ArrayList<>();
        for (String line :
                Files.readAllLines(folder.resolve("INDEX.tsv")).stream().skip(1).toList()) {
            String[] cells = line.split("\t", -1);
            ParsedRecipe parsed = read(folder.resolve(cells[0]));
            boolean expected = cells[9].equals("accept") || SEVERAL.contains(cells[0]);
            Set<String> codes =
                    parsed.problems().stream()
                            .filter(Problem::isError)
                            .map(Problem::code)
                            .collect(Collectors.toSet());
            Refusal refusal = REFUSED.get(cells[0]);
            boolean right =
                    refusal == null ? codes.isEmpty() == expected : codes.equals(refusal.codes());
            if (!right) {
                wrong.add(cells[0] + " mergekit: " + cells[9] + "\n" + errors(parsed));
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void recipesThatMergekitMergesAreAccepted() throws IOException {
        Path folder = folder("ACCRETE_GOLDENS", "merge");
        List<String> wrong = new ArrayList<>();
        int seen = 0;
        for (Path recipe : recipes(folder)) {
            ParsedRecipe parsed = read(recipe);
            seen++;
            if (parsed.hasErrors() || parsed.documents().size() != 1) {
                wrong.add(recipe + "\n" + errors(parsed));
            }
        }
        assertThat(seen).isGreaterThan(80);
        assertThat(wrong).isEmpty();
    }

    /** The mistakes of golden recipes that their text alone shows. */
    private static final Map<String, String> MISTAKES =
            Map.ofEntries(
                    Map.entry("base-not-a-source", "RCP-025"),
                    Map.entry("chat-template-unknown", "RCP-018"),
                    Map.entry("dtype-unknown", "RCP-016"),
                    Map.entry("key-duplicate", "RCP-006 RCP-020"),
                    Map.entry("key-misspelt", "RCP-009"),
                    Map.entry("method-missing", "RCP-011"),
                    Map.entry("method-unknown", "RCP-012"),
                    Map.entry("model-twice-in-slice", "RCP-025"),
                    Map.entry("parameter-epsilon", "RCP-022"),
                    Map.entry("parameter-missing", "RCP-020"),
                    Map.entry("parameter-misspelt", "RCP-019"),
                    Map.entry("parameter-nan", "RCP-022"),
                    Map.entry("parameter-not-a-number", "RCP-021"),
                    Map.entry("parameter-out-of-range", "RCP-022"),
                    Map.entry("parameter-t-under-model", "RCP-020 RCP-023"),
                    Map.entry("passthrough-two-models", "RCP-025"),
                    Map.entry("range-empty-only", "RCP-030"),
                    Map.entry("range-fraction", "RCP-014"),
                    Map.entry("range-missing", "RCP-014"),
                    Map.entry("range-negative-end", "RCP-014"),
                    Map.entry("range-negative-start", "RCP-014"),
                    Map.entry("range-reversed", "RCP-014"),
                    Map.entry("range-three-numbers", "RCP-014"),
                    Map.entry("range-unequal-lengths", "RCP-026"),
                    Map.entry("slerp-three-models", "RCP-025"),
                    Map.entry("slices-and-models", "RCP-013"),
                    Map.entry("weights-sum-zero", "RCP-027"),
                    Map.entry("yaml-bomb-ignored", "RCP-009"),
                    Map.entry("yaml-bomb-parameter", "RCP-004"),
                    Map.entry("yaml-empty", "RCP-007"),
                    Map.entry("yaml-not-a-mapping", "RCP-007"),
                    Map.entry("yaml-syntax", "RCP-002"),
                    Map.entry("yaml-tab", "RCP-002"));

    /** Those of them that are warnings, and errors where the user wants it strict. */
    private static final Set<String> WARNED =
            Set.of("key-misspelt", "parameter-misspelt", "yaml-bomb-ignored");

    @Test
    void mistakesInGoldenRecipesAreFoundWithTheirLines() throws IOException {
        Path folder = folder("ACCRETE_GOLDENS", "merge/reject");
        List<String> wrong = new ArrayList<>();
        for (Path recipe : recipes(folder)) {
            String name = recipe.getName(recipe.getNameCount() - 2).toString();
            ParsedRecipe parsed = read(recipe);
            Set<String> expected =
                    MISTAKES.containsKey(name)
                            ? Set.of(MISTAKES.get(name).split(" ", -1))
                            : Set.of();
            boolean errors = !expected.isEmpty() && !WARNED.contains(name);
            boolean strict = RecipeReader.read("r", text(recipe), true).hasErrors();
            if (!codes(parsed).equals(expected)
                    || parsed.hasErrors() != errors
                    || strict == expected.isEmpty()
                    || parsed.problems().stream().anyMatch(p -> p.line() == null)) {
                wrong.add(name + " " + parsed.problems());
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static Set<String> codes(ParsedRecipe parsed) {
        return parsed.problems().stream().map(Problem::code).collect(Collectors.toSet());
    }

    @Test
    @Timeout(60)
    void malformedFilesOfOtherProjectsGetSentences() throws IOException {
        Path folder = folder("ACCRETE_DATA", "malformed/yaml");
        int seen = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> !f.toString().endsWith(".gz")).toList()) {
                ParsedRecipe parsed = read(file);
                seen++;
                assertThat(parsed.hasErrors()).as(file.toString()).isTrue();
                assertThat(parsed.problems()).allSatisfy(RecipeCorpusTest::isASentence);
            }
        }
        assertThat(seen).isGreaterThan(10);
    }

    @Test
    @Timeout(60)
    void theYamlTestSuiteGetsSentences() throws IOException {
        Path archive =
                folder("ACCRETE_DATA", "malformed/yaml").resolve("yaml-test-suite-data.tar.gz");
        int seen = 0;
        for (TarEntry entry : entries(archive)) {
            if (entry.name().endsWith("in.yaml")) {
                ParsedRecipe parsed = Recipes.read(text(entry.content()));
                seen++;
                assertThat(parsed.hasErrors()).as(entry.name()).isTrue();
                assertThat(parsed.problems()).allSatisfy(RecipeCorpusTest::isASentence);
            }
        }
        assertThat(seen).isGreaterThan(300);
    }

    private static void isASentence(Problem problem) {
        assertThat(problem.message()).hasSizeBetween(10, 1_000).doesNotContain("Exception");
        assertThat(problem.fix()).isNotBlank();
        assertThat(problem.render().chars()).allMatch(c -> c >= ' ' || c == '\n');
    }

    private record TarEntry(String name, byte[] content) {}

    private static List<TarEntry> entries(Path archive) throws IOException {
        List<TarEntry> entries = new ArrayList<>();
        try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
            byte[] header = in.readNBytes(512);
            while (header.length == 512 && header[0] != 0) {
                String name = new String(header, 0, 100, StandardCharsets.UTF_8);
                int size =
                        Integer.parseInt(new String(header, 124, 11, StandardCharsets.US_ASCII), 8);
                byte[] content = in.readNBytes(size);
                in.skipNBytes((512 - size % 512) % 512);
                entries.add(new TarEntry(name.substring(0, name.indexOf(0)), content));
                header = in.readNBytes(512);
            }
        }
        return entries;
    }

    private static List<Path> recipes(Path folder) throws IOException {
        try (Stream<Path> cases = Files.list(folder)) {
            return cases.map(c -> c.resolve("recipe.yml")).filter(Files::exists).sorted().toList();
        }
    }

    private static ParsedRecipe read(Path file) throws IOException {
        return RecipeReader.read(file.getFileName().toString(), text(file), false);
    }

    private static String text(Path file) throws IOException {
        return text(Files.readAllBytes(file));
    }

    /** Bytes that are not UTF-8 become U+FFFD: whoever reads files refuses them before. */
    private static String text(byte[] content) {
        return new String(content, StandardCharsets.UTF_8);
    }

    private static String errors(ParsedRecipe parsed) {
        return parsed.problems().stream()
                .filter(Problem::isError)
                .map(Problem::render)
                .collect(Collectors.joining("\n"));
    }
}
