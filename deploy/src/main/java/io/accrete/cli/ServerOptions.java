package io.accrete.cli;

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

    RemoteJobs open(Surroundings surroundings) throws IOException {
        String url =
                server.orElseGet(
                        () -> surroundings.environment().getOrDefault("ACCRETE_SERVER", DEFAULT));
        Optional<String> file =
                tokenFile.or(
                        () ->
                                Optional.ofNullable(
                                        surroundings.environment().get("ACCRETE_TOKEN_FILE")));
        return new RemoteJobs(ServerAddress.of(url, token(surroundings, file)));
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
