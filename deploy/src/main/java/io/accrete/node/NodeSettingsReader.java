package io.accrete.node;

import io.accrete.coordinator.ServerJournal;
import io.accrete.protocol.job.Problem;
import io.accrete.worker.tensor.ComputeDevice;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads texts into the settings of a node, and collects what cannot be read. */
final class NodeSettingsReader {
    private static final int WORKERS_MAX = 1024;

    private final NodeConfig config;
    private final Path directory;
    private final int workersDefault;
    private final List<Problem> problems = new ArrayList<>();

    NodeSettingsReader(NodeConfig config, Path directory, int workersDefault) {
        this.config = config;
        this.directory = directory;
        this.workersDefault = workersDefault;
    }

    NodeSettings read() throws NodeRefusal {
        Endpoint standard = new Endpoint("127.0.0.1", 0);
        Optional<Endpoint> http =
                config.serves() ? one(NodeKey.HTTP, Endpoint::parse) : Optional.empty();
        Endpoint cluster = one(NodeKey.CLUSTER, Endpoint::parse).orElse(standard);
        Encryption encryption =
                new Encryption(
                        config.serves()
                                ? pair(NodeKey.TLS_CERT, NodeKey.TLS_KEY)
                                : Optional.empty(),
                        mutual());
        List<Path> roots = several(NodeKey.ROOT, this::path);
        List<ComputeDevice> devices = devices();
        NodeSettings settings =
                new NodeSettings(
                        http,
                        cluster,
                        one(NodeKey.CLUSTER_BIND, Endpoint::parse).orElse(cluster),
                        several(NodeKey.SEED, Endpoint::parse),
                        config.serves()
                                ? one(NodeKey.JOURNAL, NodeSettingsReader::database)
                                : Optional.empty(),
                        one(NodeKey.STATE, this::path).orElse(directory),
                        !config.serves() ? List.of() : roots.isEmpty() ? List.of(directory) : roots,
                        workers(devices),
                        config.serves() ? one(NodeKey.TOKENS, this::path) : Optional.empty(),
                        encryption,
                        one(NodeKey.LINK, Endpoint::parse),
                        one(NodeKey.LINK_BIND, Endpoint::parse),
                        one(NodeKey.INSECURE, NodeSettingsReader::truth).orElse(false),
                        one(NodeKey.LOG_FORMAT, choice(LogFormat.values())).orElse(LogFormat.TEXT),
                        one(NodeKey.LOG_LEVEL, choice(LogLevel.values())).orElse(LogLevel.INFO),
                        devices.stream()
                                .filter(ComputeDevice.Cuda.class::isInstance)
                                .map(ComputeDevice.Cuda.class::cast)
                                .toList(),
                        config.bounds());
        if (!problems.isEmpty()) {
            throw new NodeRefusal(NodeRefusal.Kind.SETTINGS, problems);
        }
        return settings;
    }

    /** All that are named, by several texts or by one with commas. */
    private List<ComputeDevice> devices() {
        List<ComputeDevice> devices = new ArrayList<>();
        for (List<ComputeDevice> named : several(NodeKey.DEVICES, ComputeDevice::list)) {
            devices.addAll(named);
        }
        if (devices.stream().distinct().count() < devices.size()) {
            problems.add(
                    config.value(NodeKey.DEVICES)
                            .place()
                            .problem(
                                    "CLU-105",
                                    "`devices` names one twice, and a device has one worker",
                                    "name each once; how many compute on cpu is `workers`"));
        }
        return devices;
    }

    /** Those on the processor, which `workers` counts where `devices` names it. */
    private int workers(List<ComputeDevice> devices) {
        Optional<Integer> named = one(NodeKey.WORKERS, NodeSettingsReader::count);
        boolean onProcessor = devices.contains(new ComputeDevice.Cpu());
        boolean agree = named.isEmpty() || devices.isEmpty() || named.get() > 0 == onProcessor;
        // A node of the default device without workers only coordinates.
        if (!agree && config.isSet(NodeKey.DEVICES)) {
            problems.add(
                    config.value(NodeKey.DEVICES)
                            .place()
                            .problem(
                                    "CLU-105",
                                    ("`workers` is %d, counted on the processor, and `devices`"
                                                    + " names %s")
                                            .formatted(
                                                    named.get(),
                                                    onProcessor ? "cpu" : "no cpu beside the GPUs"),
                                    onProcessor
                                            ? "leave cpu out of `devices`, or `workers` at 1 or"
                                                    + " more"
                                            : "leave `workers` out (each GPU has one worker), or"
                                                    + " add cpu to `devices`"));
        }
        return onProcessor ? named.orElse(workersDefault) : 0;
    }

    private <T> Optional<T> one(NodeKey key, Function<String, T> reading) {
        return several(key, reading).stream().findFirst();
    }

    private <T> List<T> several(NodeKey key, Function<String, T> reading) {
        NodeConfig.Value value = config.value(key);
        List<T> read = new ArrayList<>();
        for (String text : value.texts()) {
            try {
                read.add(reading.apply(text));
            } catch (IllegalArgumentException e) {
                problems.add(
                        value.place()
                                .problem(
                                        "CLU-102",
                                        "%s: %s".formatted(value.place().name(), e.getMessage()),
                                        "write %s as %s".formatted(key.inFile(), key.label())));
            }
        }
        return read;
    }

    private Path path(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("an empty text names no file");
        }
        try {
            return directory.resolve(text).normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'%s' is no name of a file".formatted(text), e);
        }
    }

    /** A certificate and its key go together. */
    private Optional<PemPair> pair(NodeKey certificate, NodeKey key) {
        Optional<Path> first = one(certificate, this::path);
        Optional<Path> second = one(key, this::path);
        if (first.isPresent() != second.isPresent()) {
            problems.add(incomplete(first.isPresent() ? certificate : key, certificate, key));
            return Optional.empty();
        }
        return first.map(file -> new PemPair(file, second.orElseThrow()));
    }

    private Optional<Encryption.Mutual> mutual() {
        Optional<PemPair> pair = pair(NodeKey.CLUSTER_CERT, NodeKey.CLUSTER_KEY);
        Optional<Path> ca = one(NodeKey.CLUSTER_CA, this::path);
        if (pair.isPresent() != ca.isPresent() && problems.isEmpty()) {
            problems.add(
                    incomplete(
                            ca.isPresent() ? NodeKey.CLUSTER_CA : NodeKey.CLUSTER_CERT,
                            NodeKey.CLUSTER_CERT,
                            NodeKey.CLUSTER_KEY,
                            NodeKey.CLUSTER_CA));
            return Optional.empty();
        }
        return pair.flatMap(own -> ca.map(file -> new Encryption.Mutual(own, file)));
    }

    private Problem incomplete(NodeKey there, NodeKey... together) {
        List<String> names = List.of(together).stream().map(NodeKey::inFile).toList();
        return config.value(there)
                .place()
                .problem(
                        "CLU-104",
                        "%s alone encrypts nothing".formatted(there.inFile()),
                        "set %s together".formatted(String.join(" and ", names)));
    }

    private static String database(String text) {
        if (!text.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException(
                    "'%s' is no PostgreSQL database, named as jdbc:postgresql://HOST/DATABASE"
                            .formatted(ServerJournal.withoutSecrets(text)));
        }
        return text;
    }

    private static int count(String text) {
        try {
            int count = Integer.parseInt(text);
            if (count >= 0 && count <= WORKERS_MAX) {
                return count;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'%s' is no number".formatted(text), e);
        }
        throw new IllegalArgumentException(
                "'%s' is not between 0 and %d".formatted(text, WORKERS_MAX));
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException("'%s' is no truth".formatted(text));
        };
    }

    private static <E extends Enum<E>> Function<String, E> choice(E[] all) {
        return text -> {
            for (E one : all) {
                if (one.name().equalsIgnoreCase(text)) {
                    return one;
                }
            }
            throw new IllegalArgumentException("'%s' is no choice here".formatted(text));
        };
    }
}
