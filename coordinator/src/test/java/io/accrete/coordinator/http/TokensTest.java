package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.store.Sha256;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

class TokensTest {
    @TempDir private Path folder;

    @Test
    void aTokenHasTheRoleOfItsLine() throws IOException {
        Tokens tokens = Tokens.read(file("admin ann " + digest("secret")));

        assertThat(tokens.caller(Optional.of("secret"))).hasValue(new Caller("ann", Role.ADMIN));
        assertThat(tokens.caller(Optional.of("Secret"))).isEmpty();
        assertThat(tokens.caller(Optional.empty())).isEmpty();
    }

    /** As `printf %s $TOKEN | sha256sum` gives it where nothing is in TOKEN. */
    @Test
    void theDigestOfNothingIsRefused() throws IOException {
        Path file = file("# who\nread bob %s\nadmin oops %s".formatted(digest("b"), digest("")));

        assertThatThrownBy(() -> Tokens.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + ":3:")
                .hasMessageContaining("SHA-256 of nothing");
    }

    private Path file(String lines) throws IOException {
        return Files.writeString(folder.resolve("tokens"), lines + "\n");
    }

    private static String digest(String token) {
        return HexFormat.of()
                .formatHex(Sha256.begin().digest(token.getBytes(StandardCharsets.UTF_8)));
    }
}
