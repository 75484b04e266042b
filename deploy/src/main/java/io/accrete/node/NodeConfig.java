package io.accrete.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;

import io.accrete.coordinator.ServerJournal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is in force for a node, and who said so: a flag before the environment, the environment
 * before a file, a file before the default.
 */
public final class NodeConfig {
    private static final String FILE_VARIABLE = "ACCRETE_CONFIG";
    private static final SettingPlace STANDARD = SettingPlace.of("default");

    /**
     * @param texts one; any number of a setting that is a list
     */
    record Value(List<String> texts, SettingPlace place) {
        Value {
            texts = List.copyOf(texts);
        }
    }

    private final boolean serves;
    private final Map<NodeKey, Value> values;
    private final Config bounds;

    private NodeConfig(boolean serves, Map<NodeKey, Value> values, Config bounds) {
        this.serves = serves;
        this.values = values;
        this.bounds = bounds;
    }

    /**
     * @param serves whether the node serves, or only works
     * @param flags of the command line
     * @param environment variables
     * @param directory from which a relative name of a file counts
     * @param file of settings; empty where the environment may name one
     * @throws NodeRefusal if the file cannot be read
     */
    public static NodeConfig read(
            boolean serves,
            Map<NodeKey, List<String>> flags,
            Map<String, String> environment,
            Path directory,
            Optional<String> file)
            throws NodeRefusal {
        Optional<String> named =
                file.or(() -> Optional.ofNullable(environment.get(FILE_VARIABLE)))
                        .filter(name -> !name.isBlank());
        Map<NodeKey, Value> values = new EnumMap<>(NodeKey.class);
        Config bounds = ConfigFactory.empty();
        for (NodeKey key : NodeKey.values()) {
            values.put(key, new Value(key.standard(), STANDARD));
        }
        if (named.isPresent()) {
            ConfigFile read = ConfigFile.read(directory.resolve(named.get()).normalize());
            values.putAll(read.values());
            bounds = read.bounds();
        }
        for (NodeKey key : NodeKey.values()) {
            String variable = environment.get(key.variable());
            if (variable != null && !variable.isBlank()) {
                values.put(key, new Value(split(key, variable), SettingPlace.of(key.variable())));
            }
        }
        flags.forEach(
                (key, texts) -> values.put(key, new Value(texts, SettingPlace.of(key.flag()))));
        return new NodeConfig(serves, values, bounds);
    }

    private static List<String> split(NodeKey key, String variable) {
        return key.shape() == NodeKey.Shape.SEVERAL
                ? List.of(variable.strip().split("\\s*,\\s*", -1))
                : List.of(variable.strip());
    }

    boolean serves() {
        return serves;
    }

    Value value(NodeKey key) {
        return values.getOrDefault(key, new Value(List.of(), STANDARD));
    }

    /** Whether anybody said anything about a setting. */
    public boolean isSet(NodeKey key) {
        return !value(key).place().equals(STANDARD);
    }

    Config bounds() {
        return bounds;
    }

    /**
     * @param directory from which relative paths count
     * @param workersDefault of a node of which nobody said how many it has
     * @throws NodeRefusal with all values that cannot be read
     */
    public NodeSettings settings(Path directory, int workersDefault) throws NodeRefusal {
        return new NodeSettingsReader(this, directory, workersDefault).read();
    }

    /**
     * As a file of settings that says for each where it comes from; passwords are left out.
     *
     * @param settings that were read from it, with what follows from the machine
     */
    public List<String> lines(NodeSettings settings) {
        List<String> lines = new ArrayList<>();
        for (NodeKey key : NodeKey.of(serves)) {
            Value value = value(key);
            List<String> texts =
                    (value.texts().isEmpty() ? derived(key, settings) : value.texts())
                            .stream().map(ServerJournal::withoutSecrets).toList();
            String written =
                    switch (key.shape()) {
                        case SWITCH -> texts.getFirst();
                        case ONE -> texts.isEmpty() ? "" : ConfigUtil.quoteString(texts.getFirst());
                        case SEVERAL -> texts.stream().map(ConfigUtil::quoteString).toList() + "";
                    };
            lines.add(
                    written.isEmpty()
                            ? "# %s is not set".formatted(key.inFile())
                            : "%s = %s  # %s".formatted(key.inFile(), written, value.place()));
        }
        bounds.entrySet().stream()
                .sorted(Comparator.comparing(Map.Entry::getKey))
                .map(entry -> "%s = %s".formatted(entry.getKey(), entry.getValue().render()))
                .forEach(lines::add);
        return lines;
    }

    /** What holds where neither people nor the table of settings say anything. */
    private static List<String> derived(NodeKey key, NodeSettings settings) {
        return switch (key) {
            case ROOT -> settings.roots().stream().map(Path::toString).toList();
            case WORKERS -> List.of(Integer.toString(settings.workers()));
            case CLUSTER_BIND -> List.of(settings.clusterBind().toString());
            case HTTP,
                    TLS_CERT,
                    TLS_KEY,
                    TOKENS,
                    STATE,
                    JOURNAL,
                    CLUSTER,
                    CLUSTER_CERT,
                    CLUSTER_KEY,
                    CLUSTER_CA,
                    SEED,
                    LINK,
                    LINK_BIND,
                    DEVICES,
                    INSECURE,
                    LOG_FORMAT,
                    LOG_LEVEL ->
                    List.of();
        };
    }
}
