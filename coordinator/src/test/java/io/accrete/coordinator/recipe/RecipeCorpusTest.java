package io.accrete.coordinator.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    private static List<Path> recipes(Path folder) throws IOException {
        try (Stream<Path> cases = Files.list(folder)) {
            return cases.map(c -> c.resolve("recipe.yml")).filter(Files::exists).sorted().toList();
        }
    }

    private static ParsedRecipe read(Path file) throws IOException {
        return RecipeReader.read(file.getFileName().toString(), Files.readAllBytes(file), false);
    }

    private static String errors(ParsedRecipe parsed) {
        return parsed.problems().stream()
                .filter(Problem::isError)
                .map(Problem::render)
                .collect(Collectors.joining("\n"));
    }
}
