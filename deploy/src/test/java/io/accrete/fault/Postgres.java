package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.node.FreePort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL server of a test's own, of the installed programs. */
final class Postgres implements AutoCloseable {
    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
    private static final int PATIENCE_SECONDS = 60;

    private final Path bin;
    private final Path folder;
    private final int port;

    private final String host;

    private Postgres(Path bin, Path folder, String host, int port) {
        this.bin = bin;
        this.folder = folder;
        this.host = host;
        this.port = port;
    }

    /** Skips the test where it is not installed. */
    static Postgres start() throws IOException, InterruptedException {
        return start("127.0.0.1");
    }

    /**
     * @param host where it listens; whoever comes from that network is trusted
     */
    static Postgres start(String host) throws IOException, InterruptedException {
        Optional<Path> bin = installed();
        assumeTrue(bin.isPresent(), "PostgreSQL is not installed: " + INSTALLED + " is not there");
        // Its own user must come to its folder, through all that are above.
        Path home = Files.createTempDirectory("accrete-postgres");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        int port = FreePort.next();
        Postgres postgres = new Postgres(bin.get(), home.resolve("data"), host, port);
        Files.createDirectories(postgres.folder);
        if (isRoot()) {
            postgres.run(List.of("chown", "postgres", postgres.folder.toString()));
        }
        postgres.tool(
                "initdb",
                "-D",
                postgres.folder.toString(),
                "-U",
                "accrete",
                "-A",
                "trust",
                "-E",
                "UTF8");
        Files.writeString(
                postgres.folder.resolve("pg_hba.conf"),
                "host all all samenet trust\n",
                StandardOpenOption.APPEND);
        postgres.resume();
        postgres.tool("createdb", "-h", host, "-p", port + "", "-U", "accrete", "accrete");
        return postgres;
    }

    String url() {
        return "jdbc:postgresql://%s:%d/accrete?user=accrete".formatted(host, port);
    }

    void pause() throws IOException, InterruptedException {
        tool("pg_ctl", "-D", folder.toString(), "-m", "fast", "-w", "stop");
    }

    void resume() throws IOException, InterruptedException {
        tool(
                "pg_ctl",
                "-D",
                folder.toString(),
                "-w",
                "-l",
                folder.resolve("log").toString(),
                "-o",
                "-p %d -c listen_addresses=%s -c unix_socket_directories=''".formatted(port, host),
                "start");
    }

    private void tool(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(
                    List.of(
                            "setpriv",
                            "--reuid=postgres",
                            "--regid=postgres",
                            "--clear-groups",
                            "--"));
        }
        command.add(bin.resolve(name).toString());
        command.addAll(List.of(arguments));
        run(command);
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Path log = folder.resolveSibling("tools.log");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.resolveSibling(".").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("%s", command).isTrue();
        assertThat(process.exitValue()).as(() -> command + "\n" + read(log)).isZero();
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    static boolean isInstalled() throws IOException {
        return installed().isPresent();
    }

    private static Optional<Path> installed() throws IOException {
        if (!Files.isDirectory(INSTALLED)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(INSTALLED)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder());
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    @Override
    public void close() throws IOException {
        try {
            pause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
