package io.accrete.cli;

import io.accrete.protocol.store.StorageFailure;
import io.accrete.protocol.tls.TlsTrust;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Which server a command speaks to. */
final class ServerOptions {
    private static final String DEFAULT = "http://127.0.0.1:8080";
    private static final String VARIABLE = "ACCRETE_SERVER";
    private static final int TOKEN_BYTES_MAX = 4096;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "the server, or several of one cluster with commas between them (default"
                            + " $ACCRETE_SERVER, else that of --context, else "
                            + DEFAULT
                            + ")")
    private Optional<String> server = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "file with the token to show (default $ACCRETE_TOKEN_FILE)")
    private Optional<String> tokenFile = Optional.empty();

    @Option(
            names = "--ca-file",
            paramLabel = "PEM",
            description =
                    "certificate of the CA that signed the server's (default $ACCRETE_CA_FILE, else"
                            + " those that Java knows)")
    private Optional<String> caFile = Optional.empty();

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description =
                    "the server of that name (default the one that `accrete context use` chose)")
    private Optional<String> context = Optional.empty();

    /** Whether the command itself says which server. */
    boolean isGiven() {
        return server.isPresent() || context.isPresent();
    }

    /** Whether somebody said which server. */
    boolean isNamed(Surroundings surroundings) {
        return server.isPresent()
                || context.isPresent()
                || variable(surroundings, VARIABLE).isPresent();
    }

    RemoteJobs open(Surroundings surroundings) throws IOException, Refusal {
        return new RemoteJobs(address(surroundings));
    }

    ServerAddress address(Surroundings surroundings) throws IOException, Refusal {
        Optional<ServerContext> named = named(surroundings);
        Optional<String> file =
                file(
                        surroundings,
                        named,
                        tokenFile,
                        "ACCRETE_TOKEN_FILE",
                        ServerContext::tokenFile);
        Optional<String> ca =
                file(surroundings, named, caFile, "ACCRETE_CA_FILE", ServerContext::caFile);
        ServerAddress address = servers(surroundings, named, token(surroundings, file));
        return ca.isPresent()
                ? address.trusting(TlsTrust.in(surroundings.resolve(ca.get())))
                : address;
    }

    private ServerAddress servers(
            Surroundings surroundings, Optional<ServerContext> named, Optional<String> token)
            throws Refusal {
        if (server.isPresent()) {
            return servers("--server", server.get(), token);
        }
        if (named.isPresent()) {
            return servers("the context", named.get().server(), token);
        }
        Optional<String> set = variable(surroundings, VARIABLE);
        return set.isPresent()
                ? servers(VARIABLE, set.get(), token)
                : ServerAddress.of(DEFAULT, token);
    }

    /**
     * @param whose what said so, for the sentence where it cannot be read
     */
    static ServerAddress servers(String whose, String urls, Optional<String> token) throws Refusal {
        try {
            return ServerAddress.of(urls, token);
        } catch (IllegalArgumentException e) {
            throw Refusal.of(
                    ExitCode.USAGE,
                    "CTX-104",
                    null,
                    "%s: %s".formatted(whose, e.getMessage()),
                    "write it as https://HOST:PORT, several with commas between them");
        }
    }

    /** As it was given; as the named context has it; as it is set; as the chosen one has it. */
    private Optional<String> file(
            Surroundings surroundings,
            Optional<ServerContext> named,
            Optional<String> given,
            String variable,
            Function<ServerContext, Optional<String>> known) {
        return given.or(() -> context.flatMap(_ -> named).flatMap(known))
                .or(() -> variable(surroundings, variable))
                .or(() -> named.flatMap(known))
                .filter(name -> !name.isBlank());
    }

    /** Who names a server otherwise does not want the token of another one shown to it. */
    private Optional<ServerContext> named(Surroundings surroundings) throws IOException, Refusal {
        if (context.isPresent()) {
            if (server.isPresent()) {
                throw Refusal.of(
                        ExitCode.USAGE,
                        "CTX-105",
                        null,
                        "--context and --server both name a server",
                        "give one of them");
            }
            return Optional.of(ContextFile.read(surroundings).named(context.get()));
        }
        return server.isPresent() || variable(surroundings, VARIABLE).isPresent()
                ? Optional.empty()
                : ContextFile.read(surroundings).chosen();
    }

    private static Optional<String> variable(Surroundings surroundings, String name) {
        return Optional.ofNullable(surroundings.environment().get(name));
    }

    /** It becomes a line of a request, so that it is one line of ASCII. */
    private static Optional<String> token(Surroundings surroundings, Optional<String> name)
            throws Refusal {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Path file = surroundings.resolve(name.get());
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(TOKEN_BYTES_MAX + 1);
        } catch (IOException e) {
            throw noToken(file, StorageFailure.reason(e));
        }
        String token = new String(bytes, StandardCharsets.UTF_8).strip();
        if (bytes.length > TOKEN_BYTES_MAX) {
            throw noToken(
                    file,
                    "is too long for a token, which has %,d bytes at most"
                            .formatted(TOKEN_BYTES_MAX));
        }
        if (token.isEmpty()) {
            throw noToken(file, "is empty");
        }
        if (token.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw noToken(file, "holds more than one line, or letters outside of ASCII");
        }
        return Optional.of(token);
    }

    private static Refusal noToken(Path file, String why) {
        return Refusal.of(
                ExitCode.INVALID_INPUT,
                "CTX-106",
                file.toString(),
                why,
                "name a file that holds the token, and nothing else, with --token-file,"
                        + " ACCRETE_TOKEN_FILE or `accrete context set`");
    }
}
