package io.accrete.cli;

import io.accrete.protocol.tls.TlsTrust;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which server a command speaks to. */
final class ServerOptions {
    private static final String DEFAULT = "http://127.0.0.1:8080";
    private static final int TOKEN_BYTES_MAX = 4096;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "the server (default $ACCRETE_SERVER, else " + DEFAULT + ")")
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

    /** Whether somebody said which server. */
    boolean isNamed(Surroundings surroundings) {
        return server.isPresent() || surroundings.environment().containsKey("ACCRETE_SERVER");
    }

    RemoteJobs open(Surroundings surroundings) throws IOException {
        return new RemoteJobs(address(surroundings));
    }

    ServerAddress address(Surroundings surroundings) throws IOException {
        String url =
                server.orElseGet(
                        () -> surroundings.environment().getOrDefault("ACCRETE_SERVER", DEFAULT));
        Optional<String> file =
                tokenFile.or(
                        () ->
                                Optional.ofNullable(
                                        surroundings.environment().get("ACCRETE_TOKEN_FILE")));
        ServerAddress address = ServerAddress.of(url, token(surroundings, file));
        Optional<String> ca =
                caFile.or(
                                () ->
                                        Optional.ofNullable(
                                                surroundings.environment().get("ACCRETE_CA_FILE")))
                        .filter(name -> !name.isBlank());
        return ca.isPresent()
                ? address.trusting(TlsTrust.in(surroundings.resolve(ca.get())))
                : address;
    }

    private static Optional<String> token(Surroundings surroundings, Optional<String> name)
            throws IOException {
        if (name.isEmpty() || name.get().isBlank()) {
            return Optional.empty();
        }
        Path file = surroundings.resolve(name.get());
        if (Files.size(file) > TOKEN_BYTES_MAX) {
            throw new IOException("%s: is too long for a token".formatted(file));
        }
        return Optional.of(Files.readString(file).strip());
    }
}
