package io.accrete.fault;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a process that is tested has its classes from: this build, or the distribution of the same
 * sources that the property {@code accrete.distribution} names, with the launcher's cache of
 * classes, by which a process starts in a third of the processor time.
 */
final class ProgramClasses {
    private static final String DISTRIBUTION = System.getProperty("accrete.distribution", "");

    private ProgramClasses() {}

    /** Options of the JVM. */
    static List<String> options() throws IOException {
        return DISTRIBUTION.isEmpty()
                ? List.of("-cp", System.getProperty("java.class.path"))
                : of(Path.of(DISTRIBUTION));
    }

    /** As the launcher has it: a cache fits one class path only. */
    private static List<String> of(Path distribution) throws IOException {
        try (Stream<Path> jars = Files.list(distribution.resolve("lib"))) {
            Path own =
                    jars.filter(jar -> jar.getFileName().toString().startsWith("accrete-deploy-"))
                            .findAny()
                            .orElseThrow();
            String others = Files.readString(distribution.resolve("classpath")).strip();
            return List.of(
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:ArchiveRelocationMode=0",
                    "-XX:AOTCache=" + distribution.resolve("accrete.aot"),
                    "-Xlog:disable",
                    "-Xlog:all=warning,aot*=off,cds*=off:stderr",
                    "-cp",
                    Stream.concat(
                                    Stream.of(own),
                                    Stream.of(others.split(File.pathSeparator, -1))
                                            .map(distribution::resolve))
                            .map(Path::toString)
                            .collect(Collectors.joining(File.pathSeparator)));
        }
    }
}
