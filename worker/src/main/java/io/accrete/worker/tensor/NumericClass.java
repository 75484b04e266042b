package io.accrete.worker.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * The name of all that decides the bits of a calculation here: libtorch's version, the instructions
 * that its kernels use, the processor's maker (whom its matrix library asks), one thread; for a GPU
 * its model too.
 */
public final class NumericClass {
    private static final String ENGINE = "/pytorch-engine.properties";
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    /** What libtorch asks of a processor before it uses its widest kernels. */
    private static final Set<String> AVX512 =
            Set.of("avx512f", "avx512dq", "avx512bw", "avx512vl", "fma");

    private static final Set<String> AVX2 = Set.of("avx2", "fma");

    private NumericClass() {}

    /**
     * Of what computes on a device. That of the processor is in it everywhere: tables and what is
     * read from a checkpoint are made there.
     */
    public static String of(PresentDevice device) {
        return device.numericClass().isEmpty()
                ? ofThisMachine()
                : ofThisMachine() + " " + device.numericClass();
    }

    /** Of the processor; known without loading libtorch. */
    public static String ofThisMachine() {
        String processors;
        try {
            processors = Files.readString(PROCESSORS);
        } catch (IOException e) {
            processors = ""; // not Linux: the architecture alone names the class
        }
        return of(engineVersion(), System.getenv(), processors, System.getProperty("os.arch"));
    }

    static String of(
            String engineVersion,
            Map<String, String> environment,
            String processors,
            String architecture) {
        String version = environment.getOrDefault("PYTORCH_VERSION", engineVersion);
        String kernels =
                Optional.ofNullable(environment.get("ATEN_CPU_CAPABILITY"))
                        .orElseGet(() -> kernels(field(processors, "flags")));
        String maker = field(processors, "vendor_id");
        return String.join(
                " ",
                List.of(
                        "libtorch-" + version,
                        architecture,
                        kernels,
                        maker.isEmpty() ? "unknown" : maker,
                        "1-thread"));
    }

    private static String kernels(String flags) {
        List<String> found = Arrays.asList(flags.split(" "));
        if (found.containsAll(AVX512)) {
            return "avx512";
        }
        return found.containsAll(AVX2) ? "avx2" : "default";
    }

    /** Of the first processor: machines with unlike ones are not known to libtorch either. */
    private static String field(String processors, String name) {
        return processors
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }

    private static String engineVersion() {
        Properties properties = new Properties();
        try (InputStream text = NumericClass.class.getResourceAsStream(ENGINE)) {
            if (text != null) {
                properties.load(text);
            }
        } catch (IOException e) {
            throw new IllegalStateException(ENGINE + " cannot be read: " + e.getMessage(), e);
        }
        return properties.getProperty("pytorch_version", "unknown");
    }
}
