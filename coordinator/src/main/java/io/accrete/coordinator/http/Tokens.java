package io.accrete.coordinator.http;

import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may do what: a file with one line for each token, {@code ROLE NAME SHA256}, the last the
 * digest of the token in hex. The tokens themselves are nowhere.
 */
public final class Tokens {
    private static final int BYTES_MAX = 1 << 20;
    private static final Pattern LINE =
            Pattern.compile("(read|submit|admin)\\s+(\\S{1,64})\\s+([0-9a-f]{64})");

    /** Of a token that was never set, which a request without one would have. */
    private static final byte[] OF_NOTHING = Sha256.begin().digest();

    private record Entry(Caller caller, byte[] sha256) {}

    private final List<Entry> entries;
    private final Optional<Caller> anybody;

    private Tokens(List<Entry> entries, Optional<Caller> anybody) {
        this.entries = List.copyOf(entries);
        this.anybody = anybody;
    }

    /** Whoever can connect may do everything: for loopback addresses. */
    public static Tokens none() {
        return new Tokens(List.of(), Optional.of(new Caller("anybody", Role.ADMIN)));
    }

    /**
     * @throws IOException with the line that is wrong
     */
    public static Tokens read(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException("%s: a file of tokens has at most 1 MiB".formatted(file));
        }
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            Matcher fields = LINE.matcher(text);
            if (!fields.matches()) {
                throw new IOException(
                        "%s:%d: a line is `ROLE NAME SHA256`, with a role of read, submit, admin"
                                        .formatted(file, number)
                                + " and the SHA-256 of the token as 64 hex digits");
            }
            byte[] sha256 = HexFormat.of().parseHex(fields.group(3));
            if (MessageDigest.isEqual(sha256, OF_NOTHING)) {
                throw new IOException(
                        "%s:%d: this is the SHA-256 of nothing, so that nobody would need a token"
                                .formatted(file, number));
            }
            Role role = Role.valueOf(fields.group(1).toUpperCase(Locale.ROOT));
            entries.add(new Entry(new Caller(fields.group(2), role), sha256));
        }
        if (entries.isEmpty()) {
            throw new IOException(
                    "%s: has no token, so that nobody could do anything".formatted(file));
        }
        return new Tokens(entries, Optional.empty());
    }

    /** Whether a token is needed at all. */
    boolean isAsked() {
        return anybody.isEmpty();
    }

    /** The caller with this token; takes as long for a wrong one as for a right one. */
    Optional<Caller> caller(Optional<String> token) {
        if (anybody.isPresent()) {
            return anybody;
        }
        byte[] digest = Sha256.begin().digest(token.orElse("").getBytes(StandardCharsets.UTF_8));
        Optional<Caller> found = Optional.empty();
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(entry.sha256(), digest)) {
                found = Optional.of(entry.caller());
            }
        }
        return found;
    }
}
