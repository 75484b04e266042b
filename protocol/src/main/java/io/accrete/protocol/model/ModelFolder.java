package io.accrete.protocol.model;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A model on disk, known by its configuration and the headers of its weight files.
 *
 * @param path as it was asked for
 * @param architecture how its tensors are named; empty without a readable configuration
 * @param files its weight files, sorted by name; those of the index if the weights are absent
 * @param tensors by name, sorted; without weights their shapes follow from the architecture
 * @param findings all that is wrong with it
 * @param weightsPresent whether the bytes of every tensor are there
 */
public record ModelFolder(
        Path path,
        Optional<ModelConfig> config,
        Optional<Architecture> architecture,
        List<WeightFile> files,
        Map<String, TensorLocation> tensors,
        List<Finding> findings,
        boolean weightsPresent) {

    public ModelFolder {
        files = List.copyOf(files);
        tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
        findings = List.copyOf(findings);
    }

    /** Reads configuration, index and headers; every fault becomes a finding. */
    public static ModelFolder open(Path path) {
        return new FolderReader(path).read();
    }

    public boolean hasErrors() {
        return findings.stream().anyMatch(Finding::isError);
    }

    /** Elements of all tensors. */
    public long parameters() {
        return tensors.values().stream()
                .mapToLong(tensor -> tensor.spec().shape().elements())
                .sum();
    }

    /** Bytes of all tensors, without the headers of their files. */
    public long bytes() {
        return tensors.values().stream().mapToLong(TensorLocation::bytes).sum();
    }
}
