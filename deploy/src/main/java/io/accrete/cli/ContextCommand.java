package io.accrete.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete context}: servers by name, so that commands need not be told each time. */
@Command(
        name = "context",
        description = {
            "Gives servers names, and chooses the one that commands speak to.",
            "--server, --context and ACCRETE_SERVER come before the chosen one."
        })
final class ContextCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private OutputOptions output = new OutputOptions();

    ContextCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        return list(output);
    }

    @Command(name = "list", description = "Lists the servers that have a name.")
    int list(@Mixin OutputOptions output) throws Exception {
        ContextFile file = ContextFile.read(surroundings);
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        file.contexts()
                .forEach(
                        (name, context) -> {
                            boolean current = file.current().equals(Optional.of(name));
                            all.add(
                                    JsonLines.object(
                                            "name", name,
                                            "current", current,
                                            "server", context.server(),
                                            "token_file", context.tokenFile().orElse(null),
                                            "ca_file", context.caFile().orElse(null)));
                            lines.add(
                                    "%s %s  %s%s"
                                            .formatted(
                                                    current ? "*" : " ",
                                                    name,
                                                    context.server(),
                                                    context.tokenFile()
                                                            .map(
                                                                    token ->
                                                                            "  (token in %s)"
                                                                                    .formatted(
                                                                                            token))
                                                            .orElse("")));
                        });
        if (output.json()) {
            new JsonLines(surroundings.out()).write(JsonLines.object("contexts", all));
        } else if (lines.isEmpty() && !output.quiet()) {
            surroundings
                    .err()
                    .println("no server has a name; `accrete context set NAME --server URL`");
        } else {
            lines.forEach(surroundings.out()::println);
        }
        return ExitCode.DONE.code();
    }

    @Command(name = "use", description = "Chooses the server that commands speak to.")
    int use(@Parameters(paramLabel = "NAME", description = "as listed") String name)
            throws Exception {
        ContextFile file = ContextFile.read(surroundings).using(name);
        file.write();
        surroundings.err().printf("commands speak to %s%n", file.named(name).server());
        return ExitCode.DONE.code();
    }

    @Command(
            name = "set",
            description =
                    "Gives a server a name, or changes what is known of one. The first is chosen.")
    int set(
            @Parameters(paramLabel = "NAME", description = "to call it by") String name,
            @Option(
                            names = "--server",
                            paramLabel = "URL",
                            description =
                                    "the server, or several of one cluster with commas between"
                                            + " them")
                    @Nullable String server,
            @Option(
                            names = "--token-file",
                            paramLabel = "FILE",
                            description = "file with the token to show it")
                    @Nullable String tokenFile,
            @Option(
                            names = "--ca-file",
                            paramLabel = "PEM",
                            description = "certificate of the CA that signed the server's")
                    @Nullable String caFile)
            throws Exception {
        ContextFile file = ContextFile.read(surroundings);
        ServerContext given =
                new ServerContext(server == null ? "" : server, path(tokenFile), path(caFile));
        ServerContext known = file.contexts().get(name);
        ServerContext context = known == null ? given : known.with(given);
        if (context.server().isEmpty()) {
            throw Refusal.of(
                    ExitCode.USAGE,
                    "CTX-103",
                    null,
                    "there is no context '%s' yet, and no server is given".formatted(name),
                    "say which with --server URL");
        }
        ServerOptions.servers("--server", context.server(), Optional.empty());
        file.with(name, context).write();
        return ExitCode.DONE.code();
    }

    /** Commands are run elsewhere too. */
    private Optional<String> path(@Nullable String file) {
        return file == null ? Optional.empty() : Optional.of(surroundings.resolve(file).toString());
    }

    @Command(name = "delete", description = "Forgets a server; nothing happens to it.")
    int delete(@Parameters(paramLabel = "NAME", description = "as listed") String name)
            throws Exception {
        ContextFile.read(surroundings).without(name).write();
        return ExitCode.DONE.code();
    }
}
