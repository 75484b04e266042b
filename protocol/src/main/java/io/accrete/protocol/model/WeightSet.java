package io.accrete.protocol.model;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files of a folder are the model's weights.
 *
 * <p>An index comes before a single file, as in mergekit; loaders of the transformers library have
 * it the other way round, so that having both is worth a warning.
 *
 * @param files names of the weight files, sorted, whether or not they are there
 * @param weightMap tensor to file, as the index has it; empty without an index
 * @param isUsable whether anything is there to be read
 */
record WeightSet(List<String> files, Map<String, String> weightMap, boolean isUsable) {

    static final String SINGLE_FILE = "model.safetensors";

    private static final Pattern SHARD =
            Pattern.compile("model-(\\d{1,6})-of-(\\d{1,6})\\.safetensors");
    private static final Pattern OTHER_FORMAT =
            Pattern.compile(
                    "pytorch_model.*\\.bin|.*\\.(gguf|ggml|pth|pt|ckpt|h5|msgpack|onnx|npz)"
                            + "|consolidated.*\\.safetensors|.*\\.bin\\.index\\.json");
    private static final int MAX_LISTED_FILES = 100_000;

    boolean isIndexed() {
        return !weightMap.isEmpty();
    }

    static WeightSet of(Path folder, boolean hasConfig, List<Finding> findings) {
        Set<String> listing = list(folder, findings);
        WeightSet set;
        if (listing.contains(ModelIndex.FILE)) {
            set = indexed(folder, findings);
            if (listing.contains(SINGLE_FILE)) {
                findings.add(
                        Finding.of(
                                FolderFault.TWO_SETS,
                                folder.resolve(SINGLE_FILE),
                                "both `%s` and `%s` are there; the files of the index are read"
                                        .formatted(SINGLE_FILE, ModelIndex.FILE)));
            }
        } else if (listing.contains(SINGLE_FILE) && Files.exists(folder.resolve(SINGLE_FILE))) {
            // A link that leads nowhere is as good as no file: so a cut-short download ends.
            set = new WeightSet(List.of(SINGLE_FILE), Map.of(), true);
        } else {
            set = unindexed(folder, listing, findings);
        }
        if (!set.isUsable()) {
            explain(folder, listing, set, hasConfig, findings);
        } else if (!hasConfig) {
            findings.add(
                    Finding.of(
                            FolderFault.CONFIG_MISSING,
                            folder,
                            "the folder has weights, but no `%s`".formatted(ModelConfig.FILE)));
        }
        return set;
    }

    private static WeightSet indexed(Path folder, List<Finding> findings) {
        Path file = folder.resolve(ModelIndex.FILE);
        ModelIndex index;
        try {
            index = ModelIndex.read(file);
        } catch (ModelFileException e) {
            findings.add(Finding.of(e, file));
            return new WeightSet(List.of(), Map.of(), false);
        } catch (IOException e) {
            findings.add(Finding.unreadable(file, e));
            return new WeightSet(List.of(), Map.of(), false);
        }
        List<String> outside = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (String name : new TreeSet<>(index.weightMap().values())) {
            (isInside(folder, name) ? names : outside).add(name);
        }
        if (!outside.isEmpty()) {
            findings.add(
                    Finding.of(
                            FolderFault.LEAVES_FOLDER,
                            file,
                            "the index names %s, which is not in the model folder"
                                    .formatted(Names.list(outside))));
            return new WeightSet(List.of(), index.weightMap(), false);
        }
        return partly(folder, names, index.weightMap(), findings);
    }

    private static WeightSet unindexed(Path folder, Set<String> listing, List<Finding> findings) {
        Set<String> names = new TreeSet<>();
        for (String name : listing) {
            Matcher shard = SHARD.matcher(name);
            if (shard.matches()) {
                names.add(name);
                int width = shard.group(2).length();
                int count = Math.min(Integer.parseInt(shard.group(2)), MAX_LISTED_FILES);
                for (int i = 1; i <= count && names.size() < MAX_LISTED_FILES; i++) {
                    names.add(
                            ("model-%0" + width + "d-of-%s.safetensors")
                                    .formatted(i, shard.group(2)));
                }
            }
        }
        if (names.isEmpty()) {
            return new WeightSet(List.of(), Map.of(), false);
        }
        findings.add(
                Finding.of(
                        FolderFault.NO_INDEX,
                        folder,
                        "there are shards, but no `%s`".formatted(ModelIndex.FILE)));
        return partly(folder, names, Map.of(), findings);
    }

    private static WeightSet partly(
            Path folder,
            Collection<String> names,
            Map<String, String> weightMap,
            List<Finding> findings) {
        List<String> missing =
                names.stream().filter(name -> !Files.exists(folder.resolve(name))).toList();
        if (!missing.isEmpty() && missing.size() < names.size()) {
            findings.add(
                    Finding.of(
                            FolderFault.SHARD_MISSING,
                            folder,
                            "%d of %d weight files missing: %s"
                                    .formatted(missing.size(), names.size(), Names.list(missing))));
        }
        return new WeightSet(List.copyOf(names), weightMap, missing.size() < names.size());
    }

    private static void explain(
            Path folder,
            Set<String> listing,
            WeightSet set,
            boolean hasConfig,
            List<Finding> findings) {
        if (findings.stream().anyMatch(Finding::isError)) {
            return;
        }
        Optional<String> other =
                listing.stream().filter(name -> OTHER_FORMAT.matcher(name).matches()).findFirst();
        if (listing.contains("adapter_config.json")) {
            findings.add(
                    Finding.of(
                            FolderFault.ADAPTER,
                            folder,
                            "the folder holds `adapter_config.json`: an adapter, not a model"));
        } else if (other.isPresent()) {
            findings.add(
                    Finding.of(
                            FolderFault.OTHER_WEIGHTS,
                            folder,
                            "the weights are there as `%s`; only `%s` or shards with `%s` are read"
                                    .formatted(other.get(), SINGLE_FILE, ModelIndex.FILE)));
        } else if (!hasConfig && !set.isIndexed()) {
            findings.add(
                    Finding.of(
                            FolderFault.NOT_A_MODEL,
                            folder,
                            "the folder has neither `%s` nor `%s`"
                                    .formatted(ModelConfig.FILE, SINGLE_FILE)));
        } else {
            findings.add(
                    Finding.of(
                            FolderFault.WEIGHTS_ABSENT,
                            folder,
                            "none of the weights is there; shapes follow from the architecture"));
            if (!hasConfig) {
                findings.add(
                        Finding.of(
                                FolderFault.CONFIG_MISSING,
                                folder,
                                "the folder has an index, but no `%s`"
                                        .formatted(ModelConfig.FILE)));
            }
        }
    }

    private static boolean isInside(Path folder, String name) {
        try {
            Path relative = Path.of(name);
            Path normal = relative.normalize();
            return !relative.isAbsolute()
                    && !normal.toString().isEmpty()
                    && !normal.startsWith("..")
                    && normal.equals(relative)
                    && folder.resolve(relative).startsWith(folder);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static Set<String> list(Path folder, List<Finding> findings) {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                names.add(child.getFileName().toString());
                if (names.size() == MAX_LISTED_FILES) {
                    break;
                }
            }
        } catch (DirectoryIteratorException e) {
            findings.add(Finding.unreadable(folder, new IOException(e)));
        } catch (IOException e) {
            findings.add(Finding.unreadable(folder, e));
        }
        return names;
    }
}
