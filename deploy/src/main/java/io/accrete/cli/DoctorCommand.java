package io.accrete.cli;

import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.MergeArithmetic;
import io.accrete.worker.tensor.TensorException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code accrete doctor}: whether this machine has what a merge needs. */
@Command(
        name = "doctor",
        description = "Checks java, memory, disk, limits and the native engine of this machine.")
final class DoctorCommand implements Callable<Integer> {
    private static final long MEMORY_BYTES_MIN = 1_000_000_000L;
    private static final long DISK_BYTES_MIN = 10_000_000_000L;
    private static final long OPEN_FILES_MIN = 1024;
    private static final long MAPS_MIN = 65_530;
    private static final int PROC_BYTES_MAX = 1 << 14;

    private final Surroundings surroundings;
    @Mixin private OutputOptions output = new OutputOptions();

    DoctorCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /**
     * One line of the report.
     *
     * @param fix what to do where it is not well
     */
    private record Check(String what, boolean well, String found, String fix) {
        static Check atLeast(
                String what, Optional<Long> value, long least, String text, String fix) {
            boolean well = value.isEmpty() || value.get() >= least;
            return new Check(what, well, value.isEmpty() ? "not known on this system" : text, fix);
        }
    }

    @Override
    public Integer call() throws IOException {
        List<Check> checks = new ArrayList<>();
        checks.add(java());
        checks.add(memory());
        checks.add(disk());
        checks.add(openFiles());
        checks.add(maps());
        checks.add(engine());
        boolean well = checks.stream().allMatch(Check::well);
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "ok",
                                    well,
                                    "checks",
                                    checks.stream()
                                            .map(
                                                    c ->
                                                            JsonLines.object(
                                                                    "what", c.what(),
                                                                    "ok", c.well(),
                                                                    "found", c.found(),
                                                                    "fix", c.well() ? "" : c.fix()))
                                            .toList()));
        } else {
            for (Check check : checks) {
                surroundings
                        .out()
                        .printf(
                                "%-6s %-13s %s%n",
                                check.well() ? "ok" : "!!", check.what(), check.found());
                if (!check.well()) {
                    surroundings.out().printf("%20s fix: %s%n", "", check.fix());
                }
            }
        }
        return (well ? ExitCode.DONE : ExitCode.JOB_FAILED).code();
    }

    private static Check java() {
        int feature = Runtime.version().feature();
        return new Check(
                "java",
                feature == 25,
                "%s (%s), %d processors"
                        .formatted(
                                System.getProperty("java.version"),
                                System.getProperty("java.home"),
                                Runtime.getRuntime().availableProcessors()),
                "install a JDK 25");
    }

    private static Check memory() throws IOException {
        Optional<Long> available =
                number(Path.of("/proc/meminfo"), "MemAvailable:\\s+(\\d+) kB").map(k -> k * 1024);
        return Check.atLeast(
                "memory",
                available,
                MEMORY_BYTES_MIN,
                ByteCount.text(available.orElse(0L)) + " available",
                "close other programs: a merge needs up to 900 MB whatever the model's size");
    }

    private Check disk() throws IOException {
        FileStore store = Files.getFileStore(surroundings.directory());
        boolean shares = List.of("xfs", "btrfs", "zfs").contains(store.type());
        return Check.atLeast(
                "disk",
                Optional.of(store.getUsableSpace()),
                DISK_BYTES_MIN,
                "%s free here (%s%s)"
                        .formatted(
                                ByteCount.text(store.getUsableSpace()),
                                store.type(),
                                shares ? ": --layout shared may share blocks" : ""),
                "most models are larger: make space, or write the output elsewhere");
    }

    private static Check openFiles() throws IOException {
        Optional<Long> limit = number(Path.of("/proc/self/limits"), "Max open files\\s+(\\d+)");
        return Check.atLeast(
                "open files",
                limit,
                OPEN_FILES_MIN,
                limit.orElse(0L) + " at once",
                "ulimit -n 4096");
    }

    private static Check maps() throws IOException {
        Optional<Long> limit = number(Path.of("/proc/sys/vm/max_map_count"), "(\\d+)");
        return Check.atLeast(
                "memory maps",
                limit,
                MAPS_MIN,
                limit.orElse(0L) + " at once",
                "sysctl vm.max_map_count=65530");
    }

    private static Optional<Long> number(Path file, String pattern) throws IOException {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            // In one read: some of these files end after the first, however short it was.
            text = new String(in.readNBytes(PROC_BYTES_MAX), StandardCharsets.US_ASCII);
        }
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
    }

    /** Loads it, since only that shows whether its libraries are there and fit. */
    private static Check engine() {
        long start = System.nanoTime();
        try (MergeArithmetic arithmetic = MergeArithmetic.open()) {
            arithmetic.buffer(DType.F32);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Check(
                    "engine", true, "libtorch starts in " + ProgressMeter.seconds(seconds), "");
        } catch (TensorException e) {
            return new Check(
                    "engine",
                    false,
                    String.valueOf(e.getMessage()),
                    "copies work without it; for all else the native libraries must load");
        }
    }
}
