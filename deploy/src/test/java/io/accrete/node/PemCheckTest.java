package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Certificates and keys that cannot be used: a sentence before anything starts. */
class PemCheckTest {
    @TempDir private static Path folder;
    private static Certificates made;

    @BeforeAll
    static void make() throws Exception {
        made = Certificates.in(folder, "a", "b");
        Certificates.in(folder.resolve("other"), "c");
        made.openssl("rsa", "-traditional", "-in", "a.key", "-out", "old.key");
        made.openssl("pkcs8", "-topk8", "-passout", "pass:x", "-in", "a.key", "-out", "locked.key");
        made.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.sec1");
        made.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "ec.sec1", "-out", "ec.key");
        made.openssl("x509", "-in", "a.pem", "-outform", "der", "-out", "a.der");
        Files.writeString(
                folder.resolve("cut.pem"),
                Files.readString(folder.resolve("a.pem")).replaceFirst("\n.{64}\n", "\n"));
        Files.writeString(
                folder.resolve("cut.key"),
                Files.readString(folder.resolve("a.key")).replaceFirst("\n.{64}\n", "\n"));
        Files.writeString(folder.resolve("note.txt"), "text");
    }

    private static Problem http(String certificate, String key, Instant now) {
        PemPair pair = new PemPair(folder.resolve(certificate), folder.resolve(key));
        return refused(new Encryption(Optional.of(pair), Optional.empty()), now);
    }

    private static Problem refused(Encryption encryption, Instant now) {
        NodeRefusal refused =
                catchThrowableOfType(NodeRefusal.class, () -> NodeChecks.pem(encryption, now));
        assertThat(refused).isNotNull();
        return refused.problems().getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "none.pem; a.key; none.pem; no such file",
                "other; a.key; other; is a folder",
                "note.txt; a.key; note.txt; holds no certificate in PEM",
                "a.der; a.key; a.der; holds no certificate in PEM",
                "cut.pem; a.key; cut.pem; cannot be read",
                "a.pem; none.key; none.key; no such file",
                "a.pem; a.pem; a.pem; holds no private key",
                "a.pem; cut.key; cut.key; damaged",
                "a.pem; b.key; b.key; is not the key of the certificate in",
                "a.pem; ec.key; ec.key; is not the key of the certificate in",
                "a.pem; old.key; old.key; old format (RSA PRIVATE KEY)",
                "a.pem; locked.key; locked.key; protected by a passphrase",
            })
    void aFileThatCannotBeUsedIsNamed(
            String certificate, String key, String file, String sentence) {
        Problem problem = http(certificate, key, Instant.now());

        assertThat(problem.code()).isEqualTo("CLU-104");
        assertThat(problem.file()).endsWith(file);
        assertThat(problem.message()).contains(sentence);
    }

    @Test
    void theTimeOfACertificateIsLookedAt() {
        Instant now = Instant.now();
        assertThat(http("a.pem", "a.key", now.plus(Duration.ofDays(1000))).message())
                .contains("has ended");
        assertThat(http("a.pem", "a.key", now.minus(Duration.ofDays(10))).message())
                .contains("is not valid yet");
    }

    @Test
    void nodesAreOfOneAuthorityAndHaveKeysOfRsa() throws Exception {
        PemPair own = made.of("a");
        Encryption.Mutual foreign =
                new Encryption.Mutual(own, folder.resolve("other").resolve("ca.pem"));
        assertThat(
                        refused(
                                        new Encryption(Optional.empty(), Optional.of(foreign)),
                                        Instant.now())
                                .message())
                .contains("is not signed by the CA in");

        made.openssl(
                "req", "-new", "-key", "ec.key", "-subj", "/CN=accrete node", "-out", "ec.csr");
        made.openssl(
                "x509", "-req", "-in", "ec.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out",
                "ec.pem");
        Instant now = Instant.now();
        assertThat(
                        refused(
                                        new Encryption(
                                                Optional.empty(), Optional.of(made.mutual("ec"))),
                                        now)
                                .message())
                .contains("between nodes it is RSA");
        // Clients take it.
        NodeChecks.pem(new Encryption(Optional.of(made.of("ec")), Optional.empty()), now);
    }
}
