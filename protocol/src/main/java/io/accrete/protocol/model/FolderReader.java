package io.accrete.protocol.model;

import io.accrete.protocol.safetensors.Excerpt;
import io.accrete.protocol.safetensors.SafetensorsException;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads one model folder, collecting faults instead of stopping at the first. */
final class FolderReader {

    private final Path folder;
    private final List<Finding> findings = new ArrayList<>();
    private final List<WeightFile> files = new ArrayList<>();
    private final Map<String, TensorLocation> tensors = new TreeMap<>();

    FolderReader(Path folder) {
        this.folder = folder;
    }

    ModelFolder read() {
        if (!Files.isDirectory(folder)) {
            boolean file = Files.exists(folder);
            findings.add(
                    Finding.of(
                            file ? FolderFault.NOT_A_FOLDER : FolderFault.NO_FOLDER,
                            folder,
                            file
                                    ? "`%s` is a file, not a model folder".formatted(folder)
                                    : "there is no folder `%s`".formatted(folder)));
            return new ModelFolder(
                    folder, Optional.empty(), Optional.empty(), files, tensors, findings, false);
        }
        Optional<ModelConfig> config = readConfig();
        WeightSet set = WeightSet.of(folder, config.isPresent() || hasConfig(), findings);
        openFiles(set);
        placeTensors(set);
        Collection<String> names = names(set);
        Optional<Architecture> architecture = config.flatMap(c -> Architecture.of(c, names));
        boolean complete = set.isUsable() && files.stream().allMatch(f -> f.content().isPresent());
        if (config.isPresent()) {
            FolderChecks checks = new FolderChecks(folder, config.get(), findings);
            boolean sane = checks.checkSizes(architecture, complete);
            if (sane && !complete) {
                describeAbsent(set, config.get(), architecture, names);
            }
            checks.checkTensors(architecture, names, tensors, complete);
        }
        return new ModelFolder(folder, config, architecture, files, tensors, findings, complete);
    }

    private boolean hasConfig() {
        return Files.exists(folder.resolve(ModelConfig.FILE));
    }

    private Optional<ModelConfig> readConfig() {
        Path file = folder.resolve(ModelConfig.FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(ModelConfig.read(file));
        } catch (ModelFileException e) {
            findings.add(Finding.of(e, file));
        } catch (IOException e) {
            findings.add(Finding.unreadable(file, e));
        }
        return Optional.empty();
    }

    private void openFiles(WeightSet set) {
        for (String name : set.files()) {
            Path path = folder.resolve(name);
            Optional<SafetensorsFile> content = Optional.empty();
            if (Files.exists(path)) {
                try {
                    content = Optional.of(SafetensorsFile.open(path));
                } catch (SafetensorsException e) {
                    findings.add(Finding.of(e, path));
                } catch (IOException e) {
                    findings.add(Finding.unreadable(path, e));
                }
            }
            files.add(new WeightFile(name, path, content));
        }
    }

    private void placeTensors(WeightSet set) {
        List<String> unnamed = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            Optional<SafetensorsFile> content = files.get(i).content();
            if (content.isPresent()) {
                place(content.get(), i);
                content.get().header().entries().stream()
                        .map(Entry::name)
                        .filter(name -> set.isIndexed() && !set.weightMap().containsKey(name))
                        .forEach(unnamed::add);
            }
        }
        if (!unnamed.isEmpty()) {
            findings.add(
                    Finding.of(
                            FolderFault.NOT_IN_INDEX,
                            folder.resolve(ModelIndex.FILE),
                            "the index does not name %s".formatted(Names.list(unnamed))));
        }
        findUnkeptPromises(set);
    }

    private void place(SafetensorsFile file, int number) {
        List<String> twice = new ArrayList<>();
        for (Entry entry : file.header().entries()) {
            TensorLocation here =
                    new TensorLocation(
                            entry.spec(), number, file.header().offset(entry), entry.bytes());
            TensorLocation before = tensors.putIfAbsent(entry.name(), here);
            if (before != null) {
                twice.add("%s (in %s)".formatted(entry.name(), files.get(before.file()).name()));
            }
        }
        if (!twice.isEmpty()) {
            findings.add(
                    Finding.of(
                            FolderFault.IN_TWO_SHARDS,
                            file.path(),
                            "another file has the same tensor: %s".formatted(Names.list(twice))));
        }
    }

    private void findUnkeptPromises(WeightSet set) {
        for (WeightFile file : files) {
            if (file.content().isEmpty()) {
                continue;
            }
            List<String> lacking =
                    set.weightMap().entrySet().stream()
                            .filter(entry -> entry.getValue().equals(file.name()))
                            .map(Map.Entry::getKey)
                            .filter(tensor -> !isIn(file, tensor))
                            .toList();
            if (!lacking.isEmpty()) {
                findings.add(
                        Finding.of(
                                FolderFault.NOT_IN_SHARD,
                                file.path(),
                                "the index promises %s in this file, which has it not"
                                        .formatted(Names.list(lacking))));
            }
        }
    }

    private boolean isIn(WeightFile file, String tensor) {
        TensorLocation location = tensors.get(tensor);
        return location != null && files.get(location.file()).name().equals(file.name());
    }

    /** All names that are known of the model, whether or not their bytes are there. */
    private Collection<String> names(WeightSet set) {
        Collection<String> names = new TreeSet<>(tensors.keySet());
        names.addAll(set.weightMap().keySet());
        return names;
    }

    private void describeAbsent(
            WeightSet set,
            ModelConfig config,
            Optional<Architecture> architecture,
            Collection<String> names) {
        if (architecture.isEmpty()) {
            // names without layers are the concern of FolderChecks
            if (names.isEmpty() && findings.stream().noneMatch(Finding::isError)) {
                findings.add(
                        Finding.of(
                                FolderFault.SHAPE_UNKNOWN,
                                folder,
                                "without weights or index nothing is known of the tensors of %s"
                                        .formatted(Excerpt.of(config.architecture().orElse("?")))));
            }
            return;
        }
        Architecture known = architecture.get();
        DType dtype = config.dtype().orElse(DType.F32);
        if (config.dtype().isEmpty()) {
            findings.add(
                    Finding.of(
                            FolderFault.DTYPE_UNKNOWN,
                            folder.resolve(ModelConfig.FILE),
                            "no dtype that a merge can compute with, float32 is assumed"));
        }
        Map<String, Integer> numbers = new HashMap<>();
        for (WeightFile file : files) {
            numbers.put(file.name(), numbers.size());
        }
        List<String> unknown = new ArrayList<>();
        for (String name : names.isEmpty() ? required(known, config) : names) {
            if (tensors.containsKey(name) || FolderChecks.isQuantiserName(name)) {
                continue;
            }
            DType own = known.weight(name).flatMap(Weight::dtype).orElse(dtype);
            Optional<TensorSpec> spec =
                    known.shape(name, config).map(shape -> new TensorSpec(name, own, shape));
            if (spec.isEmpty()) {
                unknown.add(name);
                continue;
            }
            int file = numbers.getOrDefault(set.weightMap().get(name), TensorLocation.NOWHERE);
            tensors.put(
                    name,
                    new TensorLocation(
                            spec.get(), file, TensorLocation.NOWHERE, spec.get().bytes()));
        }
        if (!unknown.isEmpty()) {
            findings.add(
                    Finding.of(
                            FolderFault.SHAPE_UNKNOWN,
                            folder,
                            "without the weights the shape of %s is not known"
                                    .formatted(Names.list(unknown))));
        }
    }

    private List<String> required(Architecture known, ModelConfig config) {
        if (known.complete()) {
            return known.requiredTensors(config);
        }
        findings.add(
                Finding.of(
                        FolderFault.SHAPE_UNKNOWN,
                        folder,
                        "without weights or index it is not known which tensors this `%s` has"
                                .formatted(known.name())));
        return List.of();
    }
}
