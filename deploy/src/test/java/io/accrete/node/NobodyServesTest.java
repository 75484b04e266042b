package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

class NobodyServesTest {
    @TempDir private Path root;

    /** Those that serve and come later found a cluster of their own: it is to join that. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aNodeThatOnlyWorksEndsOnceAllThatServeHaveLeft() throws Exception {
        Endpoint seed = new Endpoint("127.0.0.1", FreePort.next());
        Node worker;
        try (Node server = Node.start(settings(Optional.of(seed), seed), "test")) {
            assertThat(server.http()).isPresent();
            worker = Node.start(settings(Optional.empty(), seed), "test");
        }
        try (worker) {
            assertThat(worker.awaitEnd()).isEqualTo(NodeEnd.GIVEN_UP);
        }
    }

    /**
     * @param serves where, on the port of the seed; empty for a node that only works
     */
    private NodeSettings settings(Optional<Endpoint> serves, Endpoint seed) {
        Endpoint any = new Endpoint("127.0.0.1", 0);
        return new NodeSettings(
                serves.map(_ -> any),
                serves.orElse(new Endpoint("127.0.0.1", FreePort.next())),
                serves.isPresent() ? List.of() : List.of(seed),
                Optional.empty(),
                root.resolve("state"),
                List.of(root),
                serves.isPresent() ? 0 : 1,
                Optional.empty(),
                false);
    }
}
