package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.coordinator.drive.DurableFiles;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code deploy/cluster/run}, with scripts in place of nodes and of the programs that it waits
 * with.
 */
class ClusterScriptTest {
    /** A node is ready once it is asked, and was not there before. */
    private static final String READY = "#!/bin/sh\ncase $* in */health/live) exit 7 ;; esac\n";

    /** Lives until it is told to end, as a node does. */
    private static final String NODE =
            """
            #!/bin/sh
            [ "$1" = serve ] || exit 0
            tail -f /dev/null &
            trap "kill $!; exit 143" TERM
            echo ready
            wait
            """;

    private static final int POSTGRES_PORT = 54329;

    @TempDir private Path folder;
    private Path said = Path.of("");

    private record Run(int exitCode, String said) {}

    @BeforeEach
    void makeTree() throws IOException {
        Path script = folder.resolve("clone/deploy/cluster/run");
        Files.createDirectories(script.getParent());
        Files.copy(Path.of("cluster/run"), script);
        program(folder.resolve("clone/accrete"), NODE);
        program(folder.resolve("bin/curl"), READY);
        program(folder.resolve("bin/sleep"), "#!/bin/sh\n");
        Files.createDirectories(folder.resolve("d"));
        said = folder.resolve("said");
    }

    private static void program(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "clone/deploy/cluster/run"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile());
        builder.environment()
                .merge("PATH", folder.resolve("bin") + "", (path, bin) -> bin + ":" + path);
        int exitCode = builder.start().waitFor();
        return new Run(exitCode, Files.readString(said));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "go",
                "start --dir",
                "stop --dir",
                "start --root",
                "start --nonsense x",
                "start --root none",
            })
    void whatItDoesNotUnderstandIsUsage(String line) throws Exception {
        Run run = run(line.isEmpty() ? new String[0] : line.split(" ", -1));

        assertThat(run.exitCode()).as(run.said()).isEqualTo(2);
        assertThat(run.said()).contains("cluster: usage: deploy/cluster/run start");
    }

    @Test
    void aNodeThatDoesNotAnswerIsKilled() throws Exception {
        Process node =
                new ProcessBuilder(
                                "sh",
                                folder.resolve("clone/accrete") + "",
                                "serve",
                                "--http",
                                "127.0.0.1:8081",
                                "--workers",
                                "1")
                        .start();
        assertThat(node.inputReader().readLine()).isEqualTo("ready");
        List<ProcessHandle> all =
                Stream.concat(Stream.of(node.toHandle()), node.children()).toList();
        assertThat(all).hasSize(2);
        new ProcessBuilder("kill", "-STOP", node.pid() + "").start().waitFor();
        Files.writeString(folder.resolve("d/node-1.pid"), node.pid() + "\n");

        Run run = run("stop", "--dir", "d");

        assertThat(run.exitCode()).as(run.said()).isZero();
        assertThat(run.said()).contains("node 1 does not end within 20 s, and is killed");
        for (ProcessHandle one : all) {
            one.onExit().join();
        }
        assertThat(folder.resolve("d/node-1.pid")).doesNotExist();
    }

    @Test
    void anotherProcessWithTheIdOfANodeIsLeftAlone() throws Exception {
        Process other = new ProcessBuilder("tail", "-f", "/dev/null").start();
        try {
            Files.writeString(folder.resolve("d/node-1.pid"), other.pid() + "\n");

            Run run = run("stop", "--dir", "d");

            assertThat(run.exitCode()).as(run.said()).isZero();
            assertThat(other.isAlive()).isTrue();
            assertThat(folder.resolve("d/node-1.pid")).doesNotExist();
        } finally {
            other.destroyForcibly();
        }
    }

    /** Folders of tests are closed to others, as a home folder is. */
    @Test
    @Tag("process")
    void theDatabaseOfRootIsKeptWhereItsUserCanComeToIt() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "others need no other user");
        assumeTrue(Postgres.isInstalled(), "PostgreSQL is not installed");
        try (ServerSocket free =
                new ServerSocket(POSTGRES_PORT, 1, InetAddress.getLoopbackAddress())) {
            assumeTrue(free.isBound());
        } catch (IOException taken) {
            assumeTrue(false, "a cluster of this machine runs already: " + taken.getMessage());
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Path pid = folder.resolve("d/node-1.pid");
        String foreign = ProcessHandle.current().pid() + "\n";
        Files.writeString(pid, foreign);
        try {
            Run first = run("start", "--dir", "d");
            assertThat(first.exitCode()).as(first.said()).isZero();
            Path data = Files.readSymbolicLink(folder.resolve("d/postgres"));
            assertThat(first.said()).contains("the database is in " + data);
            assertThat(Files.readString(pid)).isNotEqualTo(foreign);

            String started = Files.readString(pid);
            Run again = run("start", "--dir", "d");
            assertThat(again.exitCode()).as(again.said()).isZero();
            assertThat(again.said()).doesNotContain("the database is in");
            assertThat(Files.readString(pid)).isEqualTo(started);
            assertThat(data.resolve("postmaster.pid")).exists();

            Run stop = run("stop", "--dir", "d");
            assertThat(stop.exitCode()).as(stop.said()).isZero();
            assertThat(data.resolve("postmaster.pid")).doesNotExist();

            program(folder.resolve("bin/curl"), "#!/bin/sh\n");
            Run taken = run("start", "--dir", "d");
            assertThat(taken.exitCode()).isEqualTo(1);
            assertThat(taken.said()).contains("127.0.0.1:8081 is taken by another program");
            assertThat(run("stop", "--dir", "d").exitCode()).isZero();
            DurableFiles.deleteTree(data);
        } finally {
            run("stop", "--dir", "d");
        }
    }
}
