package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;

import io.accrete.protocol.http.ClusterResource;
import io.accrete.protocol.tls.TlsTrust;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A node that encrypts all of its traffic, its clients, and nodes that are let in or not. */
class TlsTest {
    private static final String HERE = "127.0.0.1";

    @TempDir private static Path folder;
    private static Certificates ours;
    private static Certificates strangers;
    private static PemPair shown;
    private static Node node;
    private static Endpoint cluster;

    @BeforeAll
    static void start() throws Exception {
        ours = Certificates.in(folder.resolve("ours"), HERE, "worker.example");
        strangers = Certificates.in(folder.resolve("strangers"), HERE);
        shown = new PemPair(folder.resolve("shown.pem"), folder.resolve("shown.key"));
        show(ours.of(HERE));
        cluster = free();
        node =
                Node.start(
                        settings(
                                Optional.of(new Endpoint(HERE, 0)),
                                cluster,
                                List.of(),
                                new Encryption(Optional.of(shown), Optional.of(ours.mutual(HERE)))),
                        "1.2.3");
    }

    @AfterAll
    static void stop() throws IOException {
        if (node != null) {
            node.close();
        }
    }

    private static void show(PemPair pair) throws IOException {
        Files.copy(pair.key(), shown.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(pair.certificate(), shown.certificate(), StandardCopyOption.REPLACE_EXISTING);
    }

    private static NodeSettings settings(
            Optional<Endpoint> http, Endpoint at, List<Endpoint> seeds, Encryption encryption) {
        return new NodeSettings(
                http,
                at,
                at,
                seeds,
                Optional.empty(),
                folder.resolve("state"),
                List.of(folder),
                1,
                Optional.empty(),
                encryption,
                Optional.empty(),
                Optional.empty(),
                false,
                LogFormat.TEXT,
                LogLevel.ERROR,
                List.of(),
                ConfigFactory.parseString("accrete.node.join-within = 4s"));
    }

    private static Endpoint free() {
        return new Endpoint(HERE, FreePort.next());
    }

    private static ServerAddress server(String host) {
        return ServerAddress.of(
                "https://%s:%d".formatted(host, node.http().orElseThrow().port()),
                Optional.empty());
    }

    private static ClusterResource ask(ServerAddress server) throws Exception {
        try (RemoteJobs jobs = new RemoteJobs(server)) {
            return jobs.cluster();
        }
    }

    /** What is found, and how to mend it. */
    private static String refusal(ServerAddress server) {
        ServerException refused = catchThrowableOfType(ServerException.class, () -> ask(server));
        assertThat(refused).isNotNull();
        return refused.getMessage() + "; " + refused.fix();
    }

    @Test
    void whoKnowsTheAuthorityIsAnswered() throws Exception {
        assertThat(ask(server(HERE).trusting(TlsTrust.in(ours.ca()))).self())
                .isEqualTo(cluster.toString());
    }

    @Test
    void whoDoesNotKnowItIsToldHow() throws Exception {
        assertThat(refusal(server(HERE))).contains("--ca-file");
        assertThat(refusal(server(HERE).trusting(TlsTrust.in(strangers.ca()))))
                .contains("nobody whom this machine trusts");
    }

    @Test
    void whoSpeaksWithoutEncryptionIsToldSo() {
        String url = server(HERE).toString().replace("https:", "http:");
        assertThat(refusal(ServerAddress.of(url, Optional.empty()))).contains("https?");
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        assertThat(refusal(server("localhost").trusting(TlsTrust.in(ours.ca()))))
                .contains("another name");
    }

    @Test
    void aCertificateThatIsReplacedIsShownWithoutANewStart() throws Exception {
        try {
            show(strangers.of(HERE));
            Files.setLastModifiedTime(shown.key(), FileTime.from(Instant.EPOCH));
            assertThat(ask(server(HERE).trusting(TlsTrust.in(strangers.ca())))).isNotNull();
        } finally {
            show(ours.of(HERE));
        }
    }

    @Test
    void aNodeWithACertificateOfTheAuthorityJoins() throws Exception {
        Endpoint at = free();
        Encryption encryption =
                new Encryption(Optional.empty(), Optional.of(ours.mutual("worker.example")));
        try (Node worker =
                Node.start(settings(Optional.empty(), at, List.of(cluster), encryption), "1.2.3")) {
            ServerAddress server = server(HERE).trusting(TlsTrust.in(ours.ca()));
            await().atMost(Duration.ofSeconds(20))
                    .until(
                            () ->
                                    ask(server).members().stream()
                                            .anyMatch(
                                                    member ->
                                                            member.address().equals(at.toString())
                                                                    && member.status()
                                                                            .equals("up")));
            assertThat(worker.http()).isEmpty();
        }
    }

    @Test
    void aNodeWithoutACertificateIsNotLetIn() throws Exception {
        assertNotLetIn(Encryption.none(), "does it want certificates");
    }

    @Test
    void aNodeOfAnotherAuthorityIsNotLetIn() throws Exception {
        assertNotLetIn(
                new Encryption(Optional.empty(), Optional.of(strangers.mutual(HERE))),
                "does it show a certificate of the CA");
    }

    private static void assertNotLetIn(Encryption encryption, String sentence) throws Exception {
        NodeSettings stranger = settings(Optional.empty(), free(), List.of(cluster), encryption);
        NodeRefusal refused =
                catchThrowableOfType(NodeRefusal.class, () -> Node.start(stranger, "1.2.3"));
        assertThat(refused).isNotNull();
        assertThat(refused.kind()).isEqualTo(NodeRefusal.Kind.AWAY);
        assertThat(refused.problems().getFirst().render()).contains("no cluster", sentence);
        assertThat(ask(server(HERE).trusting(TlsTrust.in(ours.ca()))).members())
                .extracting(ClusterResource.Member::address)
                .doesNotContain(stranger.cluster().toString());
    }
}
