package io.accrete.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodTransform;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Brings libraries compiled for Java 5 into a form that the JVM can keep in its cache of classes:
 * it keeps none that are older than stack maps (JVM specification 4.10), and then reads and proves
 * them anew at each start, which takes a fifth of a second for picocli. What the classes do is not
 * changed.
 */
final class ClassUpgrade {
    /** Of Java 6, the first with stack maps. */
    private static final int FIRST_WITH_MAPS = ClassFile.JAVA_6_VERSION;

    private static final int MAJOR_AT = 7;
    private static final String SUFFIX = ".class";

    private ClassUpgrade() {}

    /**
     * @param arguments the folder of the libraries
     */
    public static void main(String[] arguments) throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
            for (Path jar : jars) {
                inPlace(jar);
            }
        }
    }

    /** Replaces a jar in one step, and only one that has old classes. */
    static void inPlace(Path jar) throws IOException {
        try (JarFile library = new JarFile(jar.toFile())) {
            if (!hasOld(library)) {
                return;
            }
            Path written = jar.resolveSibling(jar.getFileName() + ".upgraded");
            try {
                write(library, written);
                Files.move(written, jar, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(written);
            }
        }
    }

    private static boolean hasOld(JarFile library) throws IOException {
        for (JarEntry entry : Collections.list(library.entries())) {
            if (isClass(entry) && isOld(head(library, entry))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isClass(JarEntry entry) {
        return entry.getName().endsWith(SUFFIX) && !entry.getName().endsWith("-info" + SUFFIX);
    }

    private static byte[] head(JarFile library, JarEntry entry) throws IOException {
        try (InputStream in = library.getInputStream(entry)) {
            return in.readNBytes(MAJOR_AT + 1);
        }
    }

    private static boolean isOld(byte[] bytes) {
        return bytes.length > MAJOR_AT && bytes[MAJOR_AT] < FIRST_WITH_MAPS;
    }

    private static void write(JarFile library, Path into) throws IOException {
        ClassFile form =
                ClassFile.of(
                        ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                        ClassFile.ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(
                                                type -> resource(library, type.descriptorString()))
                                        .orElse(ClassHierarchyResolver.defaultResolver())));
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(into))) {
            Enumeration<JarEntry> entries = library.entries();
            while (entries.hasMoreElements()) {
                JarEntry entry = entries.nextElement();
                byte[] bytes;
                try (InputStream in = library.getInputStream(entry)) {
                    bytes = in.readAllBytes();
                }
                ZipEntry same = new ZipEntry(entry.getName());
                same.setTime(entry.getTime());
                out.putNextEntry(same);
                out.write(isClass(entry) && isOld(bytes) ? upgraded(form, bytes) : bytes);
                out.closeEntry();
            }
        }
    }

    /** A class of the library by its descriptor; null where it has none of that name. */
    @SuppressWarnings("NullAway") // as the resolver wants it
    private static InputStream resource(JarFile library, String descriptor) {
        String name = descriptor.substring(1, descriptor.length() - 1) + SUFFIX;
        JarEntry entry = library.getJarEntry(name);
        try {
            return entry == null ? null : library.getInputStream(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] upgraded(ClassFile form, byte[] bytes) {
        ClassModel old = form.parse(bytes);
        ClassTransform version =
                (to, element) ->
                        to.with(
                                element instanceof ClassFileVersion
                                        ? ClassFileVersion.of(ClassFile.JAVA_8_VERSION, 0)
                                        : element);
        // Code that goes through a builder gets its maps.
        ClassTransform maps =
                ClassTransform.transformingMethods(
                        MethodTransform.transformingCode((to, code) -> to.with(code)));
        return form.transformClass(old, version.andThen(maps));
    }
}
