package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.remote.StandInServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Ctrl-C of who watches a job before anything of it has been said. */
@Tag("process")
class WatchStopTest {
    @TempDir private Path folder;

    private AccreteProcess watch(String server, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("watch", "j"));
        arguments.addAll(List.of("--server", server));
        arguments.addAll(List.of(more));
        return AccreteProcess.start(folder, folder, arguments);
    }

    private static void assertDetached(AccreteProcess watch) throws Exception {
        watch.signal("INT");
        assertThat(watch.exitCode()).as(watch::transcript).isEqualTo(130);
        assertThat(watch.err()).containsOnlyOnce("`accrete watch j` comes back to it");
    }

    /** Opening a pipe for writing ends when the command has opened it for reading. */
    @Test
    void whileTheCommandBegins() throws Exception {
        Path token = folder.resolve("token");
        assertThat(new ProcessBuilder("mkfifo", token.toString()).start().waitFor()).isZero();
        AccreteProcess watch = watch(StandInServer.NOBODY, "--token-file", token.toString());
        try (OutputStream pipe = Files.newOutputStream(token)) {
            assertDetached(watch);
            pipe.flush();
        }
    }

    @Test
    void whileTheServerSaysNothing() throws Exception {
        try (StandInServer silent = new StandInServer(exchange -> StandInServer.fallSilent())) {
            AccreteProcess watch = watch(silent.url());
            await().atMost(Duration.ofSeconds(60)).until(() -> !silent.asked().isEmpty());
            assertDetached(watch);
        }
    }
}
