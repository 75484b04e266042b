package io.accrete.cli;

import io.accrete.cli.TensorDifference.Range;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.tensor.PlainText;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;

/** {@code accrete diff}: where two models differ, and by how much. */
@Command(
        name = "diff",
        description = {
            "Compares the tensors of two models (folders, or single safetensors files) as they are"
                    + " streamed from disk.",
            "Differences are no failure, unless --exit-code is given."
        })
final class DiffCommand implements Callable<Integer> {
    private static final int LINES_MAX = 40;

    private final Surroundings surroundings;

    @Parameters(paramLabel = "A", description = "a model")
    private String a = "";

    @Parameters(paramLabel = "B", description = "another")
    private String b = "";

    @Option(names = "--exit-code", description = "exit with 1 if there are differences")
    private boolean exitCode;

    @Mixin private OutputOptions output = new OutputOptions();

    DiffCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** A tensor that both models have, with how it differs. */
    private record Different(String name, String why, Optional<TensorDifference> by) {
        String text() {
            return by.map(
                            d ->
                                    "%s: %s, largest difference %.3g, relative L2 %.3g"
                                            .formatted(name, why, d.maxAbs(), d.relativeL2()))
                    .orElse(name + ": " + why);
        }

        Map<String, @Nullable Object> json() {
            return JsonLines.object(
                    "name",
                    name,
                    "why",
                    why,
                    "max_abs",
                    by.map(TensorDifference::maxAbs).filter(Double::isFinite).orElse(null),
                    "relative_l2",
                    by.map(TensorDifference::relativeL2).filter(Double::isFinite).orElse(null));
        }
    }

    @Override
    public Integer call() throws IOException, Refusal {
        SortedMap<String, Range> tensorsA = ModelContents.open(surroundings.resolve(a)).ranges();
        SortedMap<String, Range> tensorsB = ModelContents.open(surroundings.resolve(b)).ranges();
        List<String> onlyInA =
                tensorsA.keySet().stream().filter(name -> !tensorsB.containsKey(name)).toList();
        List<String> onlyInB =
                tensorsB.keySet().stream().filter(name -> !tensorsA.containsKey(name)).toList();
        List<Different> different = new ArrayList<>();
        for (Map.Entry<String, Range> entry : tensorsA.entrySet()) {
            Range other = tensorsB.get(entry.getKey());
            if (other != null) {
                compare(entry.getKey(), entry.getValue(), other).ifPresent(different::add);
            }
        }
        boolean same = onlyInA.isEmpty() && onlyInB.isEmpty() && different.isEmpty();
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "same", same,
                                    "only_in_a", onlyInA,
                                    "only_in_b", onlyInB,
                                    "different", different.stream().map(Different::json).toList()));
        } else {
            print("only in " + a, onlyInA);
            print("only in " + b, onlyInB);
            print("different", different.stream().map(Different::text).toList());
            if (same) {
                surroundings.out().println("same: " + Quantity.of(tensorsA.size(), "tensor"));
            }
        }
        return (exitCode && !same ? ExitCode.JOB_FAILED : ExitCode.DONE).code();
    }

    private static Optional<Different> compare(String name, Range a, Range b) throws IOException {
        if (!a.spec().shape().equals(b.spec().shape())) {
            String why = "shape %s against %s".formatted(a.spec().shape(), b.spec().shape());
            return Optional.of(new Different(name, why, Optional.empty()));
        }
        if (!a.spec().dtype().equals(b.spec().dtype())) {
            String why = "dtype %s against %s".formatted(a.spec().dtype(), b.spec().dtype());
            return Optional.of(new Different(name, why, TensorDifference.between(a, b)));
        }
        return TensorDifference.sameBytes(a, b)
                ? Optional.empty()
                : Optional.of(new Different(name, "values", TensorDifference.between(a, b)));
    }

    private void print(String title, List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        surroundings.out().printf("%s (%d):%n", title, lines.size());
        int shown = output.verbose() ? lines.size() : Math.min(LINES_MAX, lines.size());
        lines.subList(0, shown)
                .forEach(line -> surroundings.out().println("  " + PlainText.of(line)));
        if (shown < lines.size()) {
            surroundings
                    .out()
                    .printf("  and %d more (--verbose shows them)%n", lines.size() - shown);
        }
    }
}
