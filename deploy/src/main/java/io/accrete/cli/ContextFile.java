package io.accrete.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.SourceText;
import io.accrete.coordinator.yaml.TextKind;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlTree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * {@code contexts.yml} in the user's configuration folder: the servers that he has given a name,
 * and which of them commands speak to. It holds names of files with tokens, never a token.
 *
 * @param current the name of one of them
 */
record ContextFile(
        Path file, Optional<String> current, SequencedMap<String, ServerContext> contexts) {
    private static final int BYTES_MAX = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final TextKind KIND =
            new TextKind(
                    "context file",
                    "CTX",
                    (key, section, known, log) ->
                            log.error(
                                    YamlFault.UNKNOWN_KEY,
                                    key.at(),
                                    "%s has no key '%s'".formatted(section, key.text()),
                                    "it has " + String.join(", ", known)));

    /** Empty where there is no such file. */
    static ContextFile read(Surroundings surroundings) throws IOException, Refusal {
        Path file = place(surroundings.environment());
        if (!Files.exists(file)) {
            return new ContextFile(file, Optional.empty(), new LinkedHashMap<>());
        }
        if (Files.size(file) > BYTES_MAX) {
            throw Refusal.of(
                    ExitCode.INVALID_INPUT,
                    "CTX-004",
                    file.toString(),
                    "has more than 1 MiB, and is no list of servers",
                    "delete it, and name them again with `accrete context set`");
        }
        ProblemLog log = new ProblemLog(KIND, false);
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        List<YamlNode> documents = YamlTree.read(new SourceText(file.toString(), text), log);
        ContextFile read = of(file, documents, log);
        if (log.hasErrors()) {
            throw new Refusal(ExitCode.INVALID_INPUT, log.inOrder());
        }
        return read;
    }

    private static Path place(Map<String, String> environment) {
        String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path home =
                Path.of(configured).isAbsolute()
                        ? Path.of(configured)
                        : Path.of(environment.getOrDefault("HOME", "/"), ".config");
        return home.resolve("accrete").resolve("contexts.yml");
    }

    private static ContextFile of(Path file, List<YamlNode> documents, ProblemLog log) {
        SequencedMap<String, ServerContext> contexts = new LinkedHashMap<>();
        Optional<Section> whole =
                documents.stream()
                        .findFirst()
                        .filter(node -> !node.isNull())
                        .flatMap(
                                node ->
                                        Section.of(
                                                "the file",
                                                node,
                                                List.of("current", "contexts"),
                                                log));
        whole.flatMap(section -> section.value("contexts"))
                .ifPresent(node -> contexts(node, contexts, log));
        return new ContextFile(
                file,
                whole.flatMap(section -> section.text("current")).map(text -> text.value()),
                contexts);
    }

    private static void contexts(
            YamlNode node, Map<String, ServerContext> contexts, ProblemLog log) {
        if (!(node instanceof YamlNode.Mapping mapping)) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    node.at(),
                    "`contexts` names servers, and is not " + node.words(),
                    "write `NAME: {server: URL}` lines below it");
            return;
        }
        for (YamlNode.Entry entry : mapping.entries()) {
            context(entry.value(), log)
                    .ifPresent(context -> contexts.put(entry.key().text(), context));
        }
    }

    private static Optional<ServerContext> context(YamlNode node, ProblemLog log) {
        return Section.of("a context", node, List.of("server", "token_file", "ca_file"), log)
                .flatMap(
                        section ->
                                section.required("server", "name it, as `server: URL`")
                                        .flatMap(_ -> section.text("server"))
                                        .map(
                                                server ->
                                                        new ServerContext(
                                                                server.value(),
                                                                text(section, "token_file"),
                                                                text(section, "ca_file"))));
    }

    private static Optional<String> text(Section section, String key) {
        return section.text(key).map(text -> text.value());
    }

    /** The context of that name. */
    ServerContext named(String name) throws Refusal {
        ServerContext context = contexts.get(name);
        if (context == null) {
            throw Refusal.of(
                    ExitCode.USAGE,
                    "CTX-101",
                    file.toString(),
                    "there is no context '%s'; there %s"
                            .formatted(
                                    name,
                                    contexts.isEmpty()
                                            ? "is none"
                                            : "are " + String.join(", ", contexts.keySet())),
                    "name one of them, or make it with `accrete context set %s --server URL`"
                            .formatted(name));
        }
        return context;
    }

    /** What commands speak to unless they are told otherwise. */
    Optional<ServerContext> chosen() throws Refusal {
        return current.isPresent() ? Optional.of(named(current.get())) : Optional.empty();
    }

    ContextFile using(String name) throws Refusal {
        named(name);
        return new ContextFile(file, Optional.of(name), contexts);
    }

    /** The first becomes the current one. */
    ContextFile with(String name, ServerContext context) throws Refusal {
        if (!NAME.matcher(name).matches()) {
            throw Refusal.of(
                    ExitCode.USAGE,
                    "CTX-102",
                    null,
                    "'%s' is no name of a context".formatted(name),
                    "it has up to 64 letters, digits, dots, hyphens and underscores");
        }
        SequencedMap<String, ServerContext> more = new LinkedHashMap<>(contexts);
        more.put(name, context);
        return new ContextFile(file, current.or(() -> Optional.of(name)), more);
    }

    ContextFile without(String name) throws Refusal {
        named(name);
        SequencedMap<String, ServerContext> fewer = new LinkedHashMap<>(contexts);
        fewer.remove(name);
        return new ContextFile(file, current.filter(one -> !one.equals(name)), fewer);
    }

    /** Whole or not at all. */
    void write() throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path next = Files.createTempFile(file.toAbsolutePath().getParent(), "contexts", ".tmp");
        try {
            Files.writeString(next, text());
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private String text() {
        StringBuilder text =
                new StringBuilder("# Servers of `accrete`; `accrete context` changes them.\n");
        current.ifPresent(name -> line(text, "", "current", name));
        if (!contexts.isEmpty()) {
            text.append("contexts:\n");
        }
        contexts.forEach(
                (name, context) -> {
                    text.append("  ").append(quoted(name)).append(":\n");
                    line(text, "    ", "server", context.server());
                    context.tokenFile().ifPresent(token -> line(text, "    ", "token_file", token));
                    context.caFile().ifPresent(ca -> line(text, "    ", "ca_file", ca));
                });
        return text.toString();
    }

    private static void line(StringBuilder text, String indent, String key, String value) {
        text.append(indent).append(key).append(": ").append(quoted(value)).append('\n');
    }

    /** A string of JSON is one of YAML. */
    private static String quoted(String value) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(value)) + '"';
    }
}
