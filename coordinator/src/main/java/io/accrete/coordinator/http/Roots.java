package io.accrete.coordinator.http;

import io.accrete.protocol.store.ExistingPath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The folders under which the paths of submitted jobs must lie, links followed. */
public final class Roots {
    private final List<Path> roots;
    private final Path state;

    private Roots(List<Path> roots, Path state) {
        this.roots = List.copyOf(roots);
        this.state = state;
    }

    /**
     * @param folders at least one; the first is where relative paths count from
     * @param state the folder of the server itself, which is no place for outputs
     * @throws IOException if one of them is not there
     */
    public static Roots of(List<Path> folders, Path state) throws IOException {
        if (folders.isEmpty()) {
            throw new IllegalArgumentException("at least one root is needed");
        }
        List<Path> real = new ArrayList<>();
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                throw new IOException("%s: a root must be a folder that exists".formatted(folder));
            }
            real.add(folder.toRealPath());
        }
        return new Roots(real, ExistingPath.real(state));
    }

    public Path first() {
        return roots.getFirst();
    }

    public List<Path> all() {
        return roots;
    }

    /**
     * The path of an output without links, if it lies below a root: two names of one folder are one
     * output. A root itself is none: what is made beside an output would lie outside of it.
     */
    Optional<Path> resolve(String path) {
        try {
            Path real = ExistingPath.real(first().resolve(path));
            return roots.stream().anyMatch(real::startsWith)
                            && !roots.contains(real)
                            && !real.startsWith(state)
                    ? Optional.of(real)
                    : Optional.empty();
        } catch (InvalidPathException | IOException e) {
            return Optional.empty();
        }
    }
}
