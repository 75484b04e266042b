package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Optional;

class SiteCheckTest {
    private static final SiteCheck OPEN = new SiteCheck(Optional.of("127.0.0.1"));
    private static final SiteCheck WITH_TOKENS = new SiteCheck(Optional.empty());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:8080",
                "LocalHost:1",
                "127.0.0.1",
                "127.0.0.1:8080",
                "127.8.9.10:65535",
                "[::1]",
                "[::1]:8080"
            })
    void thisMachineIsCalledByItsOwnNames(String host) {
        assertThat(refusal(OPEN, false, host, null)).isEmpty();
        assertThat(refusal(OPEN, true, host, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8080",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "127.evil.example",
                "evil.example:127.0.0.1",
                "user@localhost",
                "10.0.0.5:8080",
                "0.0.0.0:8080",
                "[::2]:8080",
                "localhost:http",
                "::1",
                ""
            })
    void aNameThatAPageLetLeadHereIsNone(String host) {
        assertThat(refusal(OPEN, false, host, null))
                .get()
                .asString()
                .contains("`Host`", "--tokens");
        assertThat(refusal(WITH_TOKENS, false, host, null)).isEmpty();
    }

    /** As load balancers ask by HTTP/1.0; no browser does. */
    @Test
    void whoNamesNoHostIsNoPage() {
        assertThat(OPEN.refusal(false, Optional.empty(), Optional.empty())).isEmpty();
        assertThat(OPEN.refusal(true, Optional.empty(), Optional.of("http://evil.example")))
                .get()
                .asString()
                .contains("`Origin`");
    }

    @ParameterizedTest
    @CsvSource({
        "node-1.example, node-1.example:8080",
        "Node-1.example, node-1.EXAMPLE",
        "10.0.0.5, 10.0.0.5:8080",
        "fd00::5, [fd00::5]:8080",
        "10.0.0.5, localhost"
    })
    void theAddressThatItListensOnIsAName(String listening, String host) {
        assertThat(refusal(new SiteCheck(Optional.of(listening)), true, host, null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080, localhost:8080",
        "HTTP://LOCALHOST:8080, localhost:8080",
        "http://localhost, localhost",
        "http://localhost:80, localhost",
        "https://localhost, localhost:443",
        "https://[::1]:8443, [::1]:8443"
    })
    void itsOwnPagesMayChangeThings(String origin, String host) {
        assertThat(refusal(OPEN, true, host, origin)).isEmpty();
        assertThat(refusal(WITH_TOKENS, true, host, origin)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example, localhost:8080",
        "http://evil.example:8080, localhost:8080",
        "http://localhost:3000, localhost:8080",
        "http://localhost, localhost:8080",
        "https://localhost, localhost:80",
        "http://127.0.0.1:8080, localhost:8080",
        "null, localhost:8080",
        "file://, localhost:8080",
        "localhost:8080, localhost:8080",
        "http://localhost:8080/x, localhost:8080",
        "http://localhost:8080 http://evil.example, localhost:8080",
        "'', localhost:8080"
    })
    void pagesOfOthersMayOnlyLook(String origin, String host) {
        for (SiteCheck check : new SiteCheck[] {OPEN, WITH_TOKENS}) {
            assertThat(refusal(check, true, host, origin)).get().asString().contains("`Origin`");
            assertThat(refusal(check, false, host, origin)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    127.0.0.1      | localhost, 127.0.0.1 or [::1]
                    localhost      | localhost, 127.0.0.1 or [::1]
                    ::1            | localhost, 127.0.0.1 or [::1]
                    fd00::5        | localhost, 127.0.0.1, [::1] or [fd00::5]
                    node-1.example | localhost, 127.0.0.1, [::1] or node-1.example
                    """)
    void eachNameIsSaidOnce(String listening, String names) {
        SiteCheck check = new SiteCheck(Optional.of(listening));
        assertThat(refusal(check, false, "evil.example", null))
                .get()
                .asString()
                .contains("is called %s in the".formatted(names));
    }

    private static Optional<String> refusal(
            SiteCheck check, boolean changes, String host, @Nullable String origin) {
        return check.refusal(changes, Optional.of(host), Optional.ofNullable(origin));
    }
}
