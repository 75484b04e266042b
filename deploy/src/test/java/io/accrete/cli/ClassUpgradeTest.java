package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.lang.classfile.ClassFile;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

class ClassUpgradeTest {
    @TempDir private Path folder;

    private Path library() throws Exception {
        Path jar = folder.resolve("library.jar");
        Files.copy(picocli(), jar);
        return jar;
    }

    private static Path picocli() throws URISyntaxException {
        return Path.of(
                CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static List<JarEntry> classes(JarFile jar) {
        return jar.stream()
                .filter(entry -> entry.getName().endsWith(".class"))
                .filter(entry -> !entry.getName().endsWith("-info.class"))
                .toList();
    }

    @Test
    void everyClassIsOfAFormThatIsKeptAndIsProven() throws Exception {
        Path jar = library();

        ClassUpgrade.main(new String[] {folder.toString()});

        try (JarFile upgraded = new JarFile(jar.toFile());
                JarFile before = new JarFile(picocli().toFile());
                URLClassLoader loader =
                        new URLClassLoader(
                                new URL[] {jar.toUri().toURL()},
                                ClassLoader.getPlatformClassLoader())) {
            assertThat(upgraded.stream().map(JarEntry::getName))
                    .containsExactlyElementsOf(before.stream().map(JarEntry::getName).toList());
            for (JarEntry entry : classes(upgraded)) {
                byte[] bytes = upgraded.getInputStream(entry).readAllBytes();
                ClassFile form = ClassFile.of();
                assertThat(form.parse(bytes).majorVersion()).isGreaterThanOrEqualTo(50);
                assertThat(form.verify(bytes)).as(entry.getName()).isEmpty();
            }
            // The JVM itself proves a class before it is first used.
            Class<?> line = Class.forName("picocli.CommandLine", true, loader);
            assertThat(line.getClassLoader()).isEqualTo(loader);
            assertThat(line.getField("VERSION").get(null)).isEqualTo(CommandLine.VERSION);
        }
    }

    @Test
    void leavesOthersAsTheyAre() throws Exception {
        Path jar = library();
        ClassUpgrade.inPlace(jar);
        byte[] upgraded = Files.readAllBytes(jar);
        FileTime then = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
        Files.setLastModifiedTime(jar, then);

        ClassUpgrade.inPlace(jar);

        assertThat(Files.readAllBytes(jar)).isEqualTo(upgraded);
        assertThat(Files.getLastModifiedTime(jar)).isEqualTo(then);
        assertThat(folder.toFile().list()).containsExactly("library.jar");
    }
}
