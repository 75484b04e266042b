package io.accrete.cli;

import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.tensor.PlainText;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code accrete inspect}: what the headers of models say, without reading a weight. */
@Command(
        name = "inspect",
        description = "Shows what is in model folders or safetensors files. Only headers are read.")
final class InspectCommand implements Callable<Integer> {
    private static final Pattern LAYER = Pattern.compile("(.*?\\.)(\\d+)(\\..*)");

    private static final String DERIVED =
            "not all weights can be read: what follows is what config.json and the index promise,"
                    + " not what files hold";

    private final Surroundings surroundings;

    @Parameters(
            paramLabel = "PATH",
            arity = "1..*",
            description = "model folders, or single safetensors files")
    private List<String> paths = new ArrayList<>();

    @Mixin private OutputOptions output = new OutputOptions();

    InspectCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException {
        ExitCode exitCode = ExitCode.DONE;
        for (String path : paths) {
            ModelContents contents;
            try {
                contents = ModelContents.open(surroundings.resolve(path));
            } catch (Refusal refusal) {
                contents =
                        new ModelContents(
                                surroundings.resolve(path),
                                Optional.empty(),
                                List.of(),
                                refusal.problems());
            }
            contents.problems().forEach(problem -> surroundings.err().print(problem.render()));
            if (contents.hasErrors()) {
                exitCode = ExitCode.INVALID_INPUT;
            }
            if (output.json()) {
                new JsonLines(surroundings.out()).write(json(path, contents));
            } else if (!contents.tensors().isEmpty()) {
                print(path, contents);
            }
        }
        return exitCode.code();
    }

    private static Map<String, @Nullable Object> json(String path, ModelContents contents) {
        return JsonLines.object(
                "path", path,
                "ok", !contents.hasErrors(),
                "architecture", contents.config().flatMap(ModelConfig::architecture).orElse(null),
                "layers", layers(contents),
                "parameters", contents.parameters(),
                "bytes", contents.bytes(),
                "tied", tied(contents),
                "weights_present", contents.weightsPresent(),
                "tensors",
                        contents.tensors().stream()
                                .map(
                                        tensor ->
                                                JsonLines.object(
                                                        "name", tensor.spec().name(),
                                                        "dtype", tensor.spec().dtype().name(),
                                                        "shape", tensor.spec().shape().extents(),
                                                        "file", tensor.fileName(),
                                                        "offset", tensor.offset(),
                                                        "bytes", tensor.bytes()))
                                .toList(),
                "problems", contents.problems());
    }

    private static @Nullable Long layers(ModelContents contents) {
        OptionalLong layers =
                contents.config().map(ModelConfig::layers).orElse(OptionalLong.empty());
        if (layers.isPresent()) {
            return layers.getAsLong();
        }
        OptionalLong last =
                contents.tensors().stream()
                        .map(tensor -> LAYER.matcher(tensor.spec().name()))
                        .filter(Matcher::matches)
                        .mapToLong(matcher -> Long.parseLong(matcher.group(2)))
                        .max();
        return last.isPresent() ? last.getAsLong() + 1 : null;
    }

    private static @Nullable Boolean tied(ModelContents contents) {
        return contents.config().flatMap(ModelConfig::tied).orElse(null);
    }

    private void print(String path, ModelContents contents) {
        Map<String, Long> byType =
                contents.tensors().stream()
                        .collect(
                                Collectors.groupingBy(
                                        tensor -> tensor.spec().dtype().name(),
                                        TreeMap::new,
                                        Collectors.counting()));
        surroundings.out().println(PlainText.of(path));
        if (!contents.weightsPresent()) {
            line("note", DERIVED);
        }
        line("architecture", contents.config().flatMap(ModelConfig::architecture).orElse("-"));
        line("layers", layers(contents));
        line("tensors", "%d (%s)".formatted(contents.tensors().size(), byType));
        line("parameters", "%,d".formatted(contents.parameters()));
        line("bytes", "%,d (%s)".formatted(contents.bytes(), ByteCount.text(contents.bytes())));
        line("tied", tied(contents));
        table(contents);
    }

    private void line(String what, @Nullable Object value) {
        surroundings
                .out()
                .printf("  %-13s %s%n", what, value == null ? "-" : PlainText.of(value.toString()));
    }

    /** Tensors that differ only in their layer share a line, unless every one is asked for. */
    private void table(ModelContents contents) {
        Map<String, List<ModelContents.Tensor>> rows = new LinkedHashMap<>();
        for (ModelContents.Tensor tensor : contents.tensors()) {
            Matcher layer = LAYER.matcher(tensor.spec().name());
            String name =
                    layer.matches() && !output.verbose()
                            ? layer.group(1) + "*" + layer.group(3)
                            : tensor.spec().name();
            String row =
                    String.format(
                            Locale.ROOT,
                            "%-55s %-8s %s",
                            name,
                            tensor.spec().dtype(),
                            tensor.spec().shape());
            rows.computeIfAbsent(row, r -> new ArrayList<>()).add(tensor);
        }
        rows.forEach(
                (row, tensors) -> {
                    String times = tensors.size() == 1 ? "" : "  x " + tensors.size();
                    String place =
                            output.verbose()
                                    ? "  %s @ %d"
                                            .formatted(
                                                    tensors.getFirst().fileName(),
                                                    tensors.getFirst().offset())
                                    : "";
                    surroundings.out().println("    " + PlainText.of(row + times + place));
                });
    }
}
