package io.accrete.coordinator.drive;

import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.safetensors.Excerpt;
import io.accrete.protocol.store.ExistingPath;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The folders under which all that a job reads and writes must lie, wherever links lead.
 *
 * @param roots absolute, links resolved; none: a job may read and write anything
 */
public record JobFolders(List<Path> roots) {
    /** How a problem with {@link #leadingOut} is mended. */
    public static final String FIX =
            "put the file itself there, or let the server's --root name the folder that the link"
                    + " leads to";

    public JobFolders {
        roots = List.copyOf(roots);
    }

    public static JobFolders of(MergeOptions options) {
        return new JobFolders(options.roots().stream().map(Path::of).toList());
    }

    public boolean isAnywhere() {
        return roots.isEmpty();
    }

    public boolean have(Path path) {
        Path real = real(path);
        return isAnywhere() || roots.stream().anyMatch(real::startsWith);
    }

    /**
     * Says of a folder that a link in it does not lead to something under a root; asked before a
     * file of the folder is opened. Links between roots are no offence: the cache of the Hugging
     * Face hub consists of them.
     *
     * @param model what the job calls it
     */
    public Optional<String> leadingOut(Path folder, String model) {
        if (isAnywhere()) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (Files.isSymbolicLink(entry) && !leadsUnderARoot(entry)) {
                    return Optional.of(sentence(String.valueOf(entry.getFileName()), model));
                }
            }
            return Optional.empty();
        } catch (NotDirectoryException | NoSuchFileException e) {
            return Optional.empty(); // whoever opens it says so
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.of("the folder of '%s' cannot be searched for links".formatted(model));
        }
    }

    /** As {@link #leadingOut(Path, String)}, of weights that an index names below the folder. */
    public Optional<String> leadingOut(ModelFolder folder, String model) {
        return folder.files().stream()
                .filter(file -> !have(file.path()))
                .map(file -> sentence(file.name(), model))
                .findFirst();
    }

    private static String sentence(String file, String model) {
        return "%s of '%s' is a link that does not lead to a file in the folders that jobs may use"
                .formatted(Excerpt.of(file), model);
    }

    /** A link to nothing leads nowhere. */
    private boolean leadsUnderARoot(Path link) {
        try {
            Path real = link.toRealPath();
            return roots.stream().anyMatch(real::startsWith);
        } catch (IOException e) {
            return false;
        }
    }

    /** Where a path leads; itself where that cannot be told. */
    public static Path real(Path path) {
        try {
            return ExistingPath.real(path);
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }
}
