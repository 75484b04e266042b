package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;

import io.accrete.protocol.http.ClusterResource;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A node that others reach under another address than it listens on, as in a container. */
class AdvertisedTest {
    private static final String HERE = "127.0.0.1";

    @TempDir private Path folder;

    /** Passes connections on to another port, as the network of a container does. */
    private static final class Mapping implements AutoCloseable {
        private final ServerSocket outside;
        private final int inside;

        Mapping(int inside) throws IOException {
            this.outside = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            this.inside = inside;
            Thread.ofVirtual().start(this::accept);
        }

        Endpoint outside() {
            return new Endpoint(HERE, outside.getLocalPort());
        }

        private void accept() {
            try {
                while (true) {
                    Socket from = outside.accept();
                    Socket to = new Socket(InetAddress.getLoopbackAddress(), inside);
                    pass(from, to);
                    pass(to, from);
                }
            } catch (IOException closed) {
                assertThat(closed).isNotNull();
            }
        }

        private static void pass(Socket from, Socket to) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try (InputStream in = from.getInputStream();
                                        OutputStream out = to.getOutputStream()) {
                                    in.transferTo(out);
                                } catch (IOException closed) {
                                    assertThat(closed).isNotNull();
                                }
                            });
        }

        @Override
        public void close() throws IOException {
            outside.close();
        }
    }

    private static Endpoint free() {
        return new Endpoint(HERE, FreePort.next());
    }

    private NodeSettings settings(
            Optional<Endpoint> http, Endpoint cluster, Endpoint bind, List<Endpoint> seeds) {
        return new NodeSettings(
                http,
                cluster,
                bind,
                seeds,
                Optional.empty(),
                folder.resolve("state"),
                List.of(folder),
                1,
                Optional.empty(),
                Encryption.none(),
                Optional.empty(),
                Optional.empty(),
                false,
                LogFormat.TEXT,
                LogLevel.ERROR,
                List.of(),
                ConfigFactory.empty());
    }

    @Test
    void isAMemberUnderTheAddressThatOthersReach() throws Exception {
        Endpoint seed = free();
        Endpoint inside = free();
        try (Mapping mapping = new Mapping(inside.port());
                Node server =
                        Node.start(
                                settings(Optional.of(new Endpoint(HERE, 0)), seed, seed, List.of()),
                                "1.0.0");
                Node worker =
                        Node.start(
                                settings(
                                        Optional.empty(), mapping.outside(), inside, List.of(seed)),
                                "1.0.0");
                RemoteJobs jobs =
                        new RemoteJobs(
                                ServerAddress.of(
                                        "http://" + server.http().orElseThrow(),
                                        Optional.empty()))) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> {
                                assertThat(jobs.cluster().members())
                                        .filteredOn(member -> member.status().equals("up"))
                                        .extracting(ClusterResource.Member::address)
                                        .contains(mapping.outside().toString());
                                assertThat(jobs.workers())
                                        .as("workers that the coordinator hears of")
                                        .anySatisfy(
                                                view ->
                                                        assertThat(view.worker())
                                                                .startsWith(
                                                                        mapping.outside() + "-"));
                            });
            assertThat(worker.http()).isEmpty();
        }
    }

    @Test
    void theDoctorSeesWhetherItLeadsHere() throws Exception {
        Endpoint inside = free();
        Endpoint nowhere = free();
        try (Mapping mapping = new Mapping(inside.port())) {
            assertThat(advertised(mapping.outside(), inside).isBearable()).isTrue();
        }
        assertThat(advertised(nowhere, inside).found())
                .contains(nowhere + " does not lead to this machine");
    }

    private HealthCheck advertised(Endpoint cluster, Endpoint inside) {
        NodeSettings settings =
                settings(Optional.of(new Endpoint(HERE, 0)), cluster, inside, List.of());
        return NodeDoctor.look(settings, Clock.systemUTC()).stream()
                .filter(check -> check.what().equals("advertised"))
                .findFirst()
                .orElseThrow();
    }
}
