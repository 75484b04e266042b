package io.accrete.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;

import io.accrete.coordinator.CoordinatorSettings;
import io.accrete.coordinator.http.ApiSettings;
import io.accrete.coordinator.yaml.Words;
import io.accrete.protocol.job.Problem;
import io.accrete.worker.WorkerSettings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file of settings in HOCON: the keys of {@link NodeKey}, and below {@code accrete} the bounds of
 * coordinator, worker and server. What is unknown in it is a mistake.
 */
final class ConfigFile {
    private static final String BOUNDS = "accrete";
    private static final long BYTES_MAX = 1 << 20;

    private final Path file;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<NodeKey, NodeConfig.Value> values = new EnumMap<>(NodeKey.class);
    private Config bounds = ConfigFactory.empty();

    private ConfigFile(Path file) {
        this.file = file;
    }

    /**
     * @throws NodeRefusal with everything that is wrong with the file
     */
    static ConfigFile read(Path file) throws NodeRefusal {
        ConfigFile read = new ConfigFile(file);
        read.readRoot(read.parse());
        if (!read.problems.isEmpty()) {
            throw new NodeRefusal(NodeRefusal.Kind.SETTINGS, read.problems);
        }
        return read;
    }

    Map<NodeKey, NodeConfig.Value> values() {
        return values;
    }

    /** What is set below {@code accrete}, with that name. */
    Config bounds() {
        return bounds;
    }

    private Config parse() throws NodeRefusal {
        Optional<String> obstacle = obstacle();
        if (obstacle.isPresent()) {
            throw refusal(Problem.error("CLU-103", file.toString(), obstacle.get(), ""));
        }
        try {
            ConfigParseOptions options =
                    ConfigParseOptions.defaults()
                            .setAllowMissing(false)
                            .setSyntax(ConfigSyntax.CONF);
            return ConfigFactory.parseFile(file.toFile(), options).resolve();
        } catch (ConfigException e) {
            throw refusal(problem(e, "CLU-103"));
        }
    }

    private Optional<String> obstacle() {
        if (!Files.exists(file)) {
            return Optional.of("no such file");
        }
        if (Files.isDirectory(file)) {
            return Optional.of("is a folder, not a file of settings");
        }
        if (!Files.isReadable(file)) {
            return Optional.of("may not be read by this user");
        }
        return file.toFile().length() > BYTES_MAX
                ? Optional.of("has more than 1 MiB, too long for settings")
                : Optional.empty();
    }

    private static NodeRefusal refusal(Problem problem) {
        return new NodeRefusal(NodeRefusal.Kind.SETTINGS, List.of(problem));
    }

    /** The library's sentence begins with the place, which has a place of its own here. */
    private Problem problem(ConfigException e, String code) {
        ConfigOrigin origin = e.origin();
        String message = String.valueOf(e.getMessage());
        if (origin == null) {
            return Problem.error(code, file.toString(), message, "");
        }
        return SettingPlace.in(file, origin, "")
                .problem(code, message.replace(origin.description() + ": ", ""), "");
    }

    private void readRoot(Config config) {
        for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
            if (entry.getKey().equals(BOUNDS)) {
                bounds = config.withOnlyPath(BOUNDS);
                readBounds(entry.getValue());
            } else {
                readKey(entry.getKey(), entry.getValue());
            }
        }
    }

    private void readKey(String name, ConfigValue value) {
        Optional<NodeKey> key = NodeKey.named(name);
        if (key.isEmpty()) {
            List<String> names =
                    Arrays.stream(NodeKey.values()).map(NodeKey::inFile).sorted().toList();
            problems.add(unknown(name, value, names));
            return;
        }
        if (value.valueType() == ConfigValueType.NULL) {
            return;
        }
        SettingPlace place = SettingPlace.in(file, value.origin(), name);
        boolean several = key.get().shape() == NodeKey.Shape.SEVERAL;
        Optional<List<String>> texts = texts(value, several);
        if (texts.isEmpty()) {
            problems.add(
                    place.problem(
                            "CLU-102",
                            "`%s` is %s; it is %s"
                                    .formatted(
                                            name,
                                            described(value),
                                            several
                                                    ? "one value or a list [a, b]"
                                                    : "a single value"),
                            "write %s = \"%s\"".formatted(name, key.get().label())));
        } else {
            values.put(key.get(), new NodeConfig.Value(texts.get(), place));
        }
    }

    private static Optional<List<String>> texts(ConfigValue value, boolean several) {
        return switch (value.valueType()) {
            case STRING, NUMBER, BOOLEAN -> Optional.of(List.of(String.valueOf(value.unwrapped())));
            case LIST -> several ? elements((ConfigList) value) : Optional.empty();
            case OBJECT, NULL -> Optional.empty();
        };
    }

    private static Optional<List<String>> elements(ConfigList list) {
        List<String> texts = new ArrayList<>();
        for (ConfigValue element : list) {
            Optional<List<String>> text = texts(element, false);
            if (text.isEmpty()) {
                return Optional.empty();
            }
            texts.addAll(text.get());
        }
        return Optional.of(texts);
    }

    private static String described(ConfigValue value) {
        return switch (value.valueType()) {
            case OBJECT -> "a section";
            case LIST -> "a list";
            case STRING, NUMBER, BOOLEAN, NULL -> Words.shortened(value.render());
        };
    }

    private void readBounds(ConfigValue value) {
        if (!(value instanceof ConfigObject)) {
            problems.add(
                    SettingPlace.in(file, value.origin(), BOUNDS)
                            .problem("CLU-102", "`accrete` is a section of bounds", ""));
            return;
        }
        Config known = ConfigFactory.defaultReference();
        List<String> names =
                known.withOnlyPath(BOUNDS).entrySet().stream().map(Map.Entry::getKey).toList();
        for (Map.Entry<String, ConfigValue> entry : bounds.entrySet()) {
            if (!names.contains(entry.getKey())) {
                problems.add(unknown(entry.getKey(), entry.getValue(), names));
            }
        }
        if (problems.isEmpty()) {
            readWith(bounds.withFallback(known).resolve());
        }
    }

    /** As those do whom it is for. */
    private void readWith(Config all) {
        try {
            CoordinatorSettings.from(all);
            ApiSettings.from(all);
            WorkerSettings.from(all);
            all.getDuration(Node.JOIN_WITHIN);
        } catch (ConfigException e) {
            problems.add(problem(e, "CLU-102"));
        } catch (IllegalArgumentException e) {
            problems.add(
                    Problem.error("CLU-102", file.toString(), String.valueOf(e.getMessage()), ""));
        }
    }

    private Problem unknown(String name, ConfigValue value, List<String> names) {
        String meant = Words.didYouMean(name, names);
        return SettingPlace.in(file, value.origin(), name)
                .problem(
                        "CLU-101",
                        "there is no setting `%s`".formatted(Words.shortened(name)),
                        meant.isEmpty() ? "there are " + String.join(", ", names) : meant);
    }
}
