package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Recipes and sources with mistakes, against the verdicts of {@code docs/compatibility.md}. */
class RejectPlanTest {
    private static final Path TABLE = Path.of("..", "docs", "compatibility.md");

    /** The verdicts of the table; those on weights are held by the tests that move them. */
    private enum Verdict {
        REFUSED,
        WARNED,
        WARNED_THEN_ENDED,
        RIGHT,
        AT_OUTPUT,
        AT_WEIGHTS
    }

    private record Row(String name, Verdict verdict, List<String> codes) {}

    @TestFactory
    Stream<DynamicTest> everyMistakeGetsItsVerdict() throws IOException {
        return table().values().stream()
                .map(row -> DynamicTest.dynamicTest(row.name, () -> hold(row)));
    }

    @Test
    void everyMistakeIsInTheTable() throws IOException {
        List<String> cases =
                SharedMaterial.folders(SharedMaterial.goldens().resolve("merge/reject")).stream()
                        .map(folder -> folder.getFileName().toString())
                        .toList();
        assertThat(table().keySet()).containsExactlyElementsOf(cases);
    }

    private static void hold(Row row) throws IOException {
        PlanOutcome outcome = plan(row, List.of());
        List<String> errors =
                outcome.problems().stream().filter(Problem::isError).map(Problem::code).toList();
        List<String> warnings =
                outcome.problems().stream()
                        .filter(problem -> !problem.isError())
                        .map(Problem::code)
                        .toList();
        switch (row.verdict) {
            case REFUSED -> {
                assertThat(errors).isNotEmpty();
                assertThat(outcome.problems().stream().map(Problem::code)).containsAll(row.codes);
                assertThat(outcome.plan()).isEmpty();
                assertThat(outcome.problems()).allMatch(RejectPlanTest::saysWhere);
            }
            case WARNED -> {
                assertThat(errors).isEmpty();
                assertThat(warnings).isNotEmpty().hasSameElementsAs(row.codes);
                assertThat(outcome.plan()).isPresent();
                assertThat(plan(row, List.of("--strict")).hasErrors()).isTrue();
            }
            case WARNED_THEN_ENDED -> {
                assertThat(errors).isEmpty();
                assertThat(warnings).isNotEmpty();
                assertThat(row.codes).containsAll(warnings);
                assertThat(outcome.plan()).isPresent();
                assertThat(plan(row, List.of("--strict")).hasErrors()).isTrue();
            }
            case RIGHT, AT_OUTPUT, AT_WEIGHTS -> {
                assertThat(errors).isEmpty();
                assertThat(outcome.plan()).isPresent();
            }
        }
    }

    private static boolean saysWhere(Problem problem) {
        return problem.file() != null && !problem.message().isBlank() && !problem.fix().isBlank();
    }

    private static PlanOutcome plan(Row row, List<String> further) throws IOException {
        Path folder = SharedMaterial.goldens().resolve("merge/reject").resolve(row.name);
        List<String> arguments =
                new ArrayList<>(SharedMaterial.arguments(folder.resolve("mergekit.json")));
        arguments.addAll(further);
        return MergePlanning.plan(SharedMaterial.job(folder.resolve("recipe.yml"), arguments));
    }

    /** Rows of the form {@code | `case` | mistake | verdict | `codes` | ... |}. */
    private static Map<String, Row> table() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : Files.readAllLines(TABLE)) {
            String[] cells = line.split("\\s*\\|\\s*", -1);
            if (cells.length > 5 && cells[1].matches("`[a-z0-9-]+`")) {
                String name = cells[1].replace("`", "");
                Verdict verdict =
                        switch (cells[3]) {
                            case "refused" -> Verdict.REFUSED;
                            case "warned" -> Verdict.WARNED;
                            case "warned, then ended" -> Verdict.WARNED_THEN_ENDED;
                            case "done right" -> Verdict.RIGHT;
                            case "refused at the output" -> Verdict.AT_OUTPUT;
                            case "ended at the weights" -> Verdict.AT_WEIGHTS;
                            default -> throw new AssertionError(line);
                        };
                List<String> codes =
                        Stream.of(cells[4].split("[^A-Z0-9-]+")).filter(c -> !c.isEmpty()).toList();
                rows.put(name, new Row(name, verdict, codes));
            }
        }
        return rows;
    }
}
