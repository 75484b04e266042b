package io.accrete.protocol.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where models are looked for by name: as a path, then as {@code org/name} or {@code name} in the
 * given folders, then in the Hugging Face cache.
 *
 * @param directory absolute; relative paths count from here
 * @param models absolute folders with {@code org/name} or {@code name} in them
 * @param hubCache the folder with {@code models--org--name} in it
 */
public record ModelLocator(Path directory, List<Path> models, Path hubCache) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final int MAX_REFERENCE_BYTES = 256;
    private static final int PLACES_SHOWN = 4;

    public ModelLocator {
        models = List.copyOf(models);
    }

    /**
     * What came of looking for a model.
     *
     * @param folder the model's folder, if it was found
     * @param lookedAt where it was looked for, in order
     */
    public record Search(Optional<Path> folder, List<Path> lookedAt) {

        public Search {
            lookedAt = List.copyOf(lookedAt);
        }

        /** Where it was looked for, in words. */
        public String where() {
            if (lookedAt.isEmpty()) {
                return "no folder can have that name";
            }
            return lookedAt.stream()
                    .limit(PLACES_SHOWN)
                    .map(Path::toString)
                    .collect(Collectors.joining(", ", "looked at ", ""));
        }
    }

    /** With the Hugging Face cache of whoever runs this process. */
    public static ModelLocator of(
            Path directory, List<Path> models, Map<String, String> environment) {
        // As that library does: what Java calls the home is another where HOME was set anew.
        String home = environment.getOrDefault("HOME", "");
        if (home.isBlank()) {
            home = System.getProperty("user.home", ".");
        }
        return new ModelLocator(directory, models, hubCache(environment, Path.of(home)));
    }

    /** The Hugging Face cache folder that the environment variables of that library name. */
    public static Path hubCache(Map<String, String> environment, Path home) {
        for (String variable : List.of("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")) {
            if (!environment.getOrDefault(variable, "").isBlank()) {
                return Path.of(environment.get(variable));
            }
        }
        if (!environment.getOrDefault("HF_HOME", "").isBlank()) {
            return Path.of(environment.get("HF_HOME"), "hub");
        }
        if (!environment.getOrDefault("XDG_CACHE_HOME", "").isBlank()) {
            return Path.of(environment.get("XDG_CACHE_HOME"), "huggingface", "hub");
        }
        return home.resolve(Path.of(".cache", "huggingface", "hub"));
    }

    /**
     * Looks for a model.
     *
     * @param name a path, or {@code org/name}
     * @param revision branch, tag or commit; only the cache knows revisions, and only an existing
     *     path comes before it, as in mergekit
     */
    public Search locate(String name, Optional<String> revision) {
        List<Path> lookedAt = new ArrayList<>();
        Optional<Path> found = locateFolder(name, revision.isEmpty(), lookedAt);
        return new Search(
                found.or(() -> cached(name, revision.orElse("main"), lookedAt)), lookedAt);
    }

    private Optional<Path> locateFolder(String name, boolean anywhere, List<Path> lookedAt) {
        Path path;
        try {
            path = directory.resolve(name);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        lookedAt.add(path);
        if (anywhere && isHubName(name)) {
            for (Path folder : models) {
                lookedAt.add(folder.resolve(name));
                lookedAt.add(folder.resolve(name.substring(name.indexOf('/') + 1)));
            }
        }
        return lookedAt.stream().filter(Files::exists).findFirst();
    }

    private Optional<Path> cached(String name, String revision, List<Path> lookedAt) {
        if (!isHubName(name)) {
            return Optional.empty();
        }
        Path repository = hubCache.resolve("models--" + name.replace("/", "--"));
        lookedAt.add(repository);
        Path snapshots = repository.resolve("snapshots");
        Optional<String> commit = reference(repository.resolve("refs"), revision);
        List<String> candidates = new ArrayList<>(commit.stream().toList());
        if (NAME.matcher(revision).matches()) {
            candidates.add(revision);
        }
        Optional<Path> named =
                candidates.stream().map(snapshots::resolve).filter(Files::isDirectory).findFirst();
        return named.or(() -> revision.equals("main") ? only(snapshots) : Optional.empty());
    }

    private static Optional<String> reference(Path refs, String revision) {
        try {
            Path file = refs.resolve(revision).normalize();
            if (!file.startsWith(refs) || !Files.isRegularFile(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > MAX_REFERENCE_BYTES) {
                return Optional.empty();
            }
            String commit = Files.readString(file).strip();
            return NAME.matcher(commit).matches() ? Optional.of(commit) : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The one snapshot of a repository whose branches were not recorded. */
    private static Optional<Path> only(Path snapshots) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(snapshots)) {
            children.forEach(found::add);
        } catch (IOException e) {
            return Optional.empty();
        }
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private static boolean isHubName(String name) {
        String[] parts = name.split("/", -1);
        return parts.length <= 2
                && List.of(parts).stream().allMatch(part -> NAME.matcher(part).matches());
    }
}
