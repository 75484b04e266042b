package io.accrete.cli;

import io.accrete.node.HealthCheck;
import io.accrete.node.NodeConfig;
import io.accrete.node.NodeDoctor;
import io.accrete.node.NodeKey;
import io.accrete.node.NodeSettings;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.MergeArithmetic;
import io.accrete.worker.tensor.TensorException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code accrete doctor}: whether this machine has what a merge needs. */
@Command(
        name = "doctor",
        description = {
            "Checks java, memory, disk, limits and the native engine of this machine; with the"
                + " options of `accrete serve`, or a file of them, whether a node could run with"
                + " them; with --server, the nodes of a cluster that runs.",
            "With --seed, and neither --journal nor --http, it looks at what a worker needs."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final Clock CLOCK = Clock.systemUTC();
    private static final long MEMORY_BYTES_MIN = 1_000_000_000L;
    private static final long DISK_BYTES_MIN = 10_000_000_000L;
    private static final long OPEN_FILES_MIN = 1024;
    private static final long MAPS_MIN = 65_530;
    private static final int PROC_BYTES_MAX = 1 << 14;

    private final Surroundings surroundings;
    @Mixin private OutputOptions output = new OutputOptions();
    @Mixin private ServerOptions server = new ServerOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    DoctorCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Refusal, InterruptedException {
        List<HealthCheck> checks = new ArrayList<>();
        checks.add(java());
        checks.add(memory());
        checks.add(disk());
        checks.add(openFiles());
        checks.add(maps());
        checks.add(engine());
        NodeOptions options = NodeOptions.of(spec, true);
        Optional<NodeSettings> node = Optional.empty();
        if (options.isAnythingSet(surroundings)) {
            NodeConfig config = options.config(surroundings, true);
            boolean serves =
                    !config.isSet(NodeKey.SEED)
                            || config.isSet(NodeKey.JOURNAL)
                            || config.isSet(NodeKey.HTTP);
            NodeSettings settings =
                    NodeOptions.settings(options.config(surroundings, serves), surroundings);
            checks.addAll(NodeDoctor.look(settings, CLOCK));
            node = Optional.of(settings);
        }
        if (server.isNamed(surroundings)) {
            checks.addAll(new ClusterDoctor(server, surroundings, CLOCK).look(node));
        }
        boolean well = checks.stream().allMatch(HealthCheck::isBearable);
        if (output.json()) {
            new JsonLines(surroundings.out())
                    .write(
                            JsonLines.object(
                                    "ok",
                                    well,
                                    "checks",
                                    checks.stream().map(DoctorCommand::object).toList()));
        } else {
            checks.forEach(this::say);
        }
        return (well ? ExitCode.DONE : ExitCode.JOB_FAILED).code();
    }

    private static Map<String, @Nullable Object> object(HealthCheck check) {
        return JsonLines.object(
                "what", check.what(),
                "ok", check.isBearable(),
                "state", check.state().name().toLowerCase(Locale.ROOT),
                "found", check.found(),
                "fix", check.state() == HealthCheck.State.WELL ? "" : check.fix());
    }

    private void say(HealthCheck check) {
        String word =
                switch (check.state()) {
                    case WELL -> "ok";
                    case NOTE -> "note";
                    case ILL -> "!!";
                };
        surroundings.out().printf("%-6s %-13s %s%n", word, check.what(), check.found());
        switch (check.state()) {
            case WELL -> {}
            case NOTE -> surroundings.out().printf("%20s %s%n", "", check.fix());
            case ILL -> surroundings.out().printf("%20s fix: %s%n", "", check.fix());
        }
    }

    private static HealthCheck java() {
        int feature = Runtime.version().feature();
        return new HealthCheck(
                "java",
                feature == 25,
                "%s (%s), %d processors"
                        .formatted(
                                System.getProperty("java.version"),
                                System.getProperty("java.home"),
                                Runtime.getRuntime().availableProcessors()),
                "install a JDK 25");
    }

    private static HealthCheck memory() throws IOException {
        Optional<Long> available =
                number(Path.of("/proc/meminfo"), "MemAvailable:\\s+(\\d+) kB").map(k -> k * 1024);
        return HealthCheck.atLeast(
                "memory",
                available,
                MEMORY_BYTES_MIN,
                ByteCount.text(available.orElse(0L)) + " available",
                "close other programs: a merge needs up to 900 MB whatever the model's size");
    }

    private HealthCheck disk() throws IOException {
        FileStore store = Files.getFileStore(surroundings.directory());
        boolean shares = List.of("xfs", "btrfs", "zfs").contains(store.type());
        return HealthCheck.atLeast(
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

    private static HealthCheck openFiles() throws IOException {
        Optional<Long> limit = number(Path.of("/proc/self/limits"), "Max open files\\s+(\\d+)");
        return HealthCheck.atLeast(
                "open files",
                limit,
                OPEN_FILES_MIN,
                limit.orElse(0L) + " at once",
                "ulimit -n 4096");
    }

    private static HealthCheck maps() throws IOException {
        Optional<Long> limit = number(Path.of("/proc/sys/vm/max_map_count"), "(\\d+)");
        return HealthCheck.atLeast(
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
    private static HealthCheck engine() {
        long start = System.nanoTime();
        try (MergeArithmetic arithmetic = MergeArithmetic.open()) {
            arithmetic.buffer(DType.F32);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new HealthCheck(
                    "engine", true, "libtorch starts in " + ProgressMeter.seconds(seconds), "");
        } catch (TensorException e) {
            return new HealthCheck(
                    "engine",
                    false,
                    String.valueOf(e.getMessage()),
                    "copies work without it; for all else the native libraries must load");
        }
    }
}
