package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What {@code deploy/make-certificates} makes, in a folder of a test's own. */
public record Certificates(Path folder) {
    private static final Path SCRIPT = Path.of("make-certificates").toAbsolutePath();

    /** Skips the test where openssl is not installed. */
    public static Certificates in(Path folder, String... hosts)
            throws IOException, InterruptedException {
        boolean installed =
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                        .anyMatch(bin -> Files.isExecutable(Path.of(bin, "openssl")));
        assumeTrue(installed, "openssl is not installed, which makes the certificates");
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString(), folder.toString()));
        command.addAll(List.of(hosts));
        run(command);
        return new Certificates(folder);
    }

    /** Runs openssl in the folder. */
    void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "-C", folder + "", "openssl"));
        command.addAll(List.of(arguments));
        run(command);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as("%s%n%s", command, said).isZero();
    }

    public Path ca() {
        return folder.resolve("ca.pem");
    }

    public PemPair of(String host) {
        return new PemPair(folder.resolve(host + ".pem"), folder.resolve(host + ".key"));
    }

    Encryption.Mutual mutual(String host) {
        return new Encryption.Mutual(of(host), ca());
    }
}
