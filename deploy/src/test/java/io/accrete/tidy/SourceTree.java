package io.accrete.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The text files of the repository, without what is built or belongs to a tool. */
final class SourceTree {
    static final Path ROOT = findRoot();

    private static final Set<String> LEFT_OUT = Set.of("target", ".git", ".idea", ".vscode");

    /** A text file, named relative to the root. */
    record Source(String name, List<String> lines) {
        boolean isJava() {
            return name.endsWith(".java");
        }

        boolean isMarkdown() {
            return name.endsWith(".md");
        }

        boolean isMain() {
            return name.contains("/src/main/");
        }

        Path path() {
            return ROOT.resolve(name);
        }
    }

    static final List<Source> ALL = read();

    private SourceTree() {}

    static List<Source> those(Predicate<Source> wanted) {
        return ALL.stream().filter(wanted).toList();
    }

    private static Path findRoot() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("accrete"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("no folder above here holds the launcher");
            }
        }
        return folder;
    }

    private static List<Source> read() {
        List<Source> sources = new ArrayList<>();
        try {
            Files.walkFileTree(ROOT, new Collector(sources));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(sources);
    }

    private static final class Collector extends SimpleFileVisitor<Path> {
        private final List<Source> sources;

        private Collector(List<Source> sources) {
            this.sources = sources;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return LEFT_OUT.contains(folder.getFileName().toString())
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            // In a worktree .git is a file.
            if (attributes.isRegularFile() && !LEFT_OUT.contains(file.getFileName().toString())) {
                try {
                    sources.add(
                            new Source(ROOT.relativize(file).toString(), Files.readAllLines(file)));
                } catch (MalformedInputException _) {
                    return FileVisitResult.CONTINUE; // binary
                }
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
