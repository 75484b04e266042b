package io.accrete.cli;

import io.accrete.cli.TensorDifference.Range;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the headers of a model folder, or of a single safetensors file, say.
 *
 * @param tensors sorted by name, numbers in it as numbers
 * @param problems all that is wrong with it
 */
record ModelContents(
        Path path, Optional<ModelConfig> config, List<Tensor> tensors, List<Problem> problems) {
    private static final Comparator<Tensor> BY_NAME =
            Comparator.comparing(tensor -> sortKey(tensor.spec().name()));

    /**
     * @param file absent where the weights are not there
     * @param fileName in the folder
     * @param offset from the start of the file; -1 where the weights are not there
     */
    record Tensor(TensorSpec spec, Optional<Path> file, String fileName, long offset, long bytes) {}

    /**
     * @throws Refusal if there is no such thing, or its headers cannot be read at all
     */
    static ModelContents open(Path path) throws IOException, Refusal {
        if (Files.isDirectory(path)) {
            return folder(path);
        }
        if (!Files.exists(path)) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    "STO-201",
                    path.toString(),
                    "no such file or folder",
                    "check the name; relative paths count from the current directory");
        }
        try {
            return file(path);
        } catch (SafetensorsException e) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    e.fault().code(),
                    path.toString(),
                    e.sentence(),
                    e.fault().fix());
        }
    }

    private static ModelContents folder(Path path) {
        ModelFolder folder = ModelFolder.open(path);
        List<Tensor> tensors = new ArrayList<>();
        folder.tensors()
                .values()
                .forEach(
                        location -> {
                            boolean known = location.file() >= 0;
                            Path file = known ? folder.files().get(location.file()).path() : path;
                            tensors.add(
                                    new Tensor(
                                            location.spec(),
                                            location.isPresent()
                                                    ? Optional.of(file)
                                                    : Optional.empty(),
                                            known ? folder.files().get(location.file()).name() : "",
                                            location.offset(),
                                            location.bytes()));
                        });
        tensors.sort(BY_NAME);
        return new ModelContents(
                path,
                folder.config(),
                tensors,
                folder.findings().stream().map(Problem::of).toList());
    }

    private static ModelContents file(Path path) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(path);
        String name = path.getFileName().toString();
        List<Tensor> tensors =
                file.header().entries().stream()
                        .map(
                                entry ->
                                        new Tensor(
                                                entry.spec(),
                                                Optional.of(path),
                                                name,
                                                file.header().offset(entry),
                                                entry.bytes()))
                        .sorted(BY_NAME)
                        .toList();
        return new ModelContents(path, Optional.empty(), tensors, List.of());
    }

    /** Layer 10 after layer 9. */
    private static String sortKey(String name) {
        StringBuilder key = new StringBuilder();
        int digits = 0;
        for (int i = name.length() - 1; i >= 0; i--) {
            boolean digit = Character.isDigit(name.charAt(i));
            if (!digit && digits > 0) {
                key.append("0".repeat(Math.max(0, 10 - digits)));
                digits = 0;
            }
            digits += digit ? 1 : 0;
            key.append(name.charAt(i));
        }
        return key.append("0".repeat(digits > 0 ? Math.max(0, 10 - digits) : 0))
                .reverse()
                .toString();
    }

    boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }

    /** Whether files have the tensors; else some follow from config.json and index alone. */
    boolean weightsPresent() {
        return !tensors.isEmpty() && tensors.stream().allMatch(t -> t.file().isPresent());
    }

    long parameters() {
        return tensors.stream().mapToLong(tensor -> tensor.spec().shape().elements()).sum();
    }

    long bytes() {
        return tensors.stream().mapToLong(Tensor::bytes).sum();
    }

    /**
     * Where the values of all tensors are.
     *
     * @throws Refusal if there is a tensor without values, or something else is wrong
     */
    SortedMap<String, Range> ranges() throws Refusal {
        if (hasErrors()) {
            throw new Refusal(ExitCode.INVALID_INPUT, problems);
        }
        SortedMap<String, Range> ranges = new TreeMap<>();
        for (Tensor tensor : tensors) {
            Path file =
                    tensor.file()
                            .orElseThrow(
                                    () ->
                                            Refusal.of(
                                                    ExitCode.INVALID_INPUT,
                                                    "STO-205",
                                                    path.toString(),
                                                    "the weights are not there",
                                                    "download them first"));
            ranges.put(tensor.spec().name(), new Range(file, tensor.offset(), tensor.spec()));
        }
        return ranges;
    }
}
