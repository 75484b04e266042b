package io.accrete.cli;

import io.accrete.local.MergeRun;
import io.accrete.node.NodeConfig;
import io.accrete.node.NodeKey;
import io.accrete.node.NodeRefusal;
import io.accrete.node.NodeSettings;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of a node as options of a command, one for each {@link NodeKey}. */
final class NodeOptions {
    private static final String CONFIG = "--config";
    private final CommandSpec spec;
    private final boolean serves;

    private NodeOptions(CommandSpec spec, boolean serves) {
        this.spec = spec;
        this.serves = serves;
    }

    /**
     * @param serves whether those of a node that serves are among them
     */
    static NodeOptions of(CommandSpec spec, boolean serves) {
        return new NodeOptions(spec, serves);
    }

    /** The command with the options added. */
    static CommandLine added(Object command, boolean serves) {
        CommandLine line = new CommandLine(command);
        CommandSpec spec = line.getCommandSpec();
        spec.addOption(
                OptionSpec.builder(CONFIG)
                        .paramLabel("FILE")
                        .type(String.class)
                        .description(
                                "file of settings, as deploy/node.conf; flags and the environment"
                                        + " (ACCRETE_HTTP for --http) come before it (default"
                                        + " $ACCRETE_CONFIG)")
                        .build());
        NodeKey.of(serves).forEach(key -> spec.addOption(option(key)));
        return line;
    }

    private static OptionSpec option(NodeKey key) {
        OptionSpec.Builder option =
                OptionSpec.builder(key.flag()).description(key.description().replace("%", "%%"));
        return switch (key.shape()) {
            case ONE -> option.paramLabel(key.label()).type(String.class).build();
            case SEVERAL ->
                    option.paramLabel(key.label())
                            .type(List.class)
                            .auxiliaryTypes(String.class)
                            .arity("1")
                            .build();
            case SWITCH -> option.type(boolean.class).arity("0").build();
        };
    }

    NodeConfig config(Surroundings surroundings) throws NodeRefusal {
        return config(surroundings, serves);
    }

    /**
     * @param serving whether the node is to serve
     */
    NodeConfig config(Surroundings surroundings, boolean serving) throws NodeRefusal {
        return NodeConfig.read(
                serving,
                given(),
                surroundings.environment(),
                surroundings.directory(),
                texts(CONFIG).stream().findFirst());
    }

    /** Whether flags, environment or a file say anything about a node. */
    boolean isAnythingSet(Surroundings surroundings) throws NodeRefusal {
        NodeConfig config = config(surroundings);
        return !texts(CONFIG).isEmpty() || NodeKey.of(serves).stream().anyMatch(config::isSet);
    }

    static NodeSettings settings(NodeConfig config, Surroundings surroundings) throws NodeRefusal {
        return config.settings(surroundings.directory(), MergeRun.defaultWorkers());
    }

    private Map<NodeKey, List<String>> given() {
        Map<NodeKey, List<String>> given = new EnumMap<>(NodeKey.class);
        for (NodeKey key : NodeKey.of(serves)) {
            if (parsed().hasMatchedOption(key.flag())) {
                given.put(
                        key,
                        key.shape() == NodeKey.Shape.SWITCH ? List.of("true") : texts(key.flag()));
            }
        }
        return given;
    }

    private List<String> texts(String option) {
        return Optional.ofNullable(parsed().matchedOption(option))
                .map(OptionSpec::originalStringValues)
                .orElse(List.of());
    }

    private ParseResult parsed() {
        return spec.commandLine().getParseResult();
    }
}
