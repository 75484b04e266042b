package io.accrete.coordinator.drive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder beside an output in which a job works: on the same file system, so that the result can
 * be made visible by a rename. An output that is a mount point has it inside.
 *
 * @param output absolute path of the folder to publish
 * @param root {@code .NAME.accrete}
 * @param inside the output cannot be renamed over: the files are moved one by one
 */
public record Staging(Path output, Path root, boolean inside) {

    /**
     * @throws IOException if the output's surroundings cannot be read
     */
    public static Staging of(Path output) throws IOException {
        Path place = Files.exists(output) ? output.toRealPath() : output.toAbsolutePath();
        place = place.normalize();
        Path name = place.getFileName();
        Path parent = place.getParent();
        boolean inside = name == null || parent == null || isMountPoint(place, parent);
        String folder = ".%s.accrete".formatted(name == null ? "root" : name);
        Path home = inside || parent == null ? place : parent;
        return new Staging(place, home.resolve(folder), inside);
    }

    /** Whether a folder has the name of one that a job works in, or nodes keep their marks in. */
    static boolean isStaging(Path folder) {
        Path name = folder.getFileName();
        return name != null && name.toString().matches("\\..+\\.accrete|\\.accrete-nodes");
    }

    /** Where workers write; nothing in it counts. */
    public Path tmp() {
        return root.resolve("tmp");
    }

    /** Where shards stand whose receipts are journaled, and all else that will be published. */
    public Path model() {
        return root.resolve("model");
    }

    /** The journal of an embedded job. */
    public Path journal() {
        return root.resolve("journal");
    }

    /** The model that stood at the output before. */
    public Path replaced() {
        return root.resolve("replaced");
    }

    public Path plan() {
        return root.resolve("plan.json");
    }

    /** Plans of a training that was cut anew. */
    public Path cuts() {
        return root.resolve("cuts");
    }

    /** Of a training: a folder for each. */
    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** The figures of a training, step by step. */
    public Path metrics() {
        return root.resolve("metrics.jsonl");
    }

    /** Of a training: which of its checkpoints are committed. */
    public Path saved() {
        return root.resolve("saved.json");
    }

    /** All that a job writes here, but for its journal and what it replaces. */
    List<Path> work() {
        return List.of(tmp(), model(), plan(), cuts(), checkpoints(), metrics(), saved());
    }

    public Path shard(String file) {
        return model().resolve(plainName(file));
    }

    /**
     * @throws IllegalArgumentException if the name is more than a name
     */
    public static String plainName(String file) {
        if (file.isBlank() || file.contains("/") || file.equals(".") || file.equals("..")) {
            throw new IllegalArgumentException("not the name of a file: `%s`".formatted(file));
        }
        return file;
    }

    private static boolean isMountPoint(Path place, Path parent) throws IOException {
        if (!Files.isDirectory(place)) {
            return false;
        }
        return !Files.getFileStore(place).equals(Files.getFileStore(parent)) || isBindMount(place);
    }

    /** A bind mount has its parent's device, but renames do not pass it either. */
    private static boolean isBindMount(Path place) throws IOException {
        Path mounts = Path.of("/proc/self/mountinfo");
        if (!Files.isReadable(mounts)) {
            return false;
        }
        String escaped = place.toString().replace("\\", "\\134").replace(" ", "\\040");
        try (var lines = Files.lines(mounts)) {
            return lines.map(line -> line.split(" ", 6))
                    .anyMatch(fields -> fields.length > 4 && fields[4].equals(escaped));
        }
    }
}
