package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.Certificates;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** What {@code serve}, {@code worker} and {@code doctor} say to settings that cannot work. */
class NodeCommandTest {
    @TempDir private Path folder;

    private CommandLineRun run(String line) {
        return CommandLineRun.in(folder, List.of(line.strip().split(" +")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "serve --http nonsense; 2; CLU-102; 'nonsense' is no HOST:PORT",
                "serve --http h:70000; 2; CLU-102; port from 0 to 65535",
                "serve --workers x; 2; CLU-102; 'x' is no number",
                "serve --tls-cert a.pem; 2; CLU-104; tls-cert and tls-key together",
                "serve --config none.conf; 3; CLU-103; no such file",
                "serve --config bad.conf; 3; CLU-101; did you mean 'cluster'?",
                "worker --config bad.conf; 3; CLU-101; bad.conf:2",
                "worker; 2; CLU-105; name a node of it with --seed",
                "serve --seed h:1; 2; CLU-105; there is no --journal",
                "serve --insecure --seed h:1; 2; CLU-105; there is no --journal",
                "serve --http 0.0.0.0:0; 2; CLU-105; there are no --tokens",
                "serve --http 0.0.0.0:0 --tokens t; 2; CLU-105; without TLS",
                "serve --cluster-bind 0.0.0.0:0; 2; CLU-105; is not encrypted",
                "serve --cluster 0.0.0.0:0 --insecure; 2; CLU-105; --cluster-bind 0.0.0.0:0 to",
                "serve --http 192.0.2.1:0 --insecure; 1; CLU-106; not an address of this machine",
                "serve --http no.invalid:1; 1; CLU-106; 'no.invalid' does not resolve",
                "serve --root none; 2; CLU-107; a root must be a folder that exists",
                "serve --tokens none; 2; CLU-107; none",
                "serve --journal jdbc:mysql://x; 2; CLU-102; is no PostgreSQL database",
                "serve --journal jdbc:postgresql://127.0.0.1:1/x?password=hunter2; 5; CLU-107;"
                        + " cannot be used",
                "serve --state file; 1; CLU-107; file",
                "jobs --server https://127.0.0.1:1 --ca-file none; 3; CLU-104; no such file",
                "jobs --server https://127.0.0.1:1 --ca-file file; 3; CLU-104; no certificate",
                "jobs --token-file none; 3; CTX-106; no such file",
                "jobs --token-file file; 3; CTX-106; is empty",
                "jobs --token-file lines; 3; CTX-106; more than one line",
                "jobs --token-file long; 3; CTX-106; has 4,096 bytes at most",
            })
    void getsASentence(String line, int exitCode, String code, String sentence) throws IOException {
        Files.writeString(folder.resolve("bad.conf"), "# mine\nclutser = \"h:1\"\n");
        Files.writeString(folder.resolve("file"), "\n");
        Files.writeString(folder.resolve("lines"), "one\ntwo\n");
        Files.writeString(folder.resolve("long"), "t".repeat(5000));
        boolean serve = line.startsWith("serve");
        String cluster = serve && !line.contains("--cluster ") ? " --cluster 127.0.0.1:0" : "";
        String http = serve && !line.contains("--http") ? " --http 127.0.0.1:0" : "";
        CommandLineRun run = run(line + cluster + http);

        assertThat(run.exitCode()).as(run::transcript).isEqualTo(exitCode);
        assertThat(run.err())
                .contains("[" + code + "]", sentence)
                .doesNotContain("Exception", "hunter2");
    }

    @Test
    void saysWhoHasThePort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = "127.0.0.1:" + taken.getLocalPort();
            CommandLineRun run = run("serve --cluster 127.0.0.1:0 --http " + port);

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("[CLU-106] --http %s is taken by".formatted(port))
                    .contains("(process %d)".formatted(ProcessHandle.current().pid()));
        }
    }

    @Test
    void showsWhatIsInForce() throws IOException {
        Files.writeString(
                folder.resolve("n.conf"),
                "journal = \"jdbc:postgresql://h/d?password=hunter2\"\nhttp = \"127.0.0.1:9\"");
        CommandLineRun run = run("serve --config n.conf --workers 2 --print-config");

        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.out())
                .contains("http = \"127.0.0.1:9\"  # " + folder.resolve("n.conf") + ":2")
                .contains("workers = \"2\"  # --workers")
                .contains("log-format = \"text\"  # default")
                .doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "worker", "doctor"})
    void helpFitsOnAScreen(String command) {
        CommandLineRun run = run(command + " --help");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.out()).contains("--config", "--cluster-ca");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
    }

    private static List<JsonNode> ill(CommandLineRun run) {
        List<JsonNode> ill = new ArrayList<>();
        StreamSupport.stream(run.result().get("checks").spliterator(), false)
                .filter(check -> !check.get("ok").asBoolean())
                .forEach(ill::add);
        return ill;
    }

    @Test
    void theDoctorLooksAtANodeOnlyWhereItIsAskedTo() {
        assertThat(run("doctor --json").result().get("checks").findValuesAsText("what"))
                .doesNotContain("http", "journal");
        CommandLineRun run = run("doctor --json --http 127.0.0.1:0 --cluster 127.0.0.1:0");
        assertThat(run.result().get("checks").findValuesAsText("what"))
                .contains("settings", "http", "cluster port", "advertised", "journal", "root");
        assertThat(ill(run).stream().map(check -> check.get("what").asText()))
                .doesNotContain("settings", "http", "cluster port", "advertised", "journal");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "--http 0.0.0.0:0; settings; no --tokens",
                "--http no.invalid:1; settings; does not resolve",
                "--journal jdbc:postgresql://127.0.0.1:1/x; journal; it cannot be reached",
                "--root none; root; a root must be a folder",
                "--tokens none; tokens; none",
                "--seed no.invalid:1; seed; does not resolve",
                "--seed 127.0.0.1:1; seed; no node of the cluster answers",
                "--server http://127.0.0.1:1; server; cannot be reached",
                "--tls-cert none.pem --tls-key none.key; certificates; none.pem no such file",
                "--cluster 192.0.2.1:0 --insecure; cluster port; not an address of this machine",
                "--cluster 192.0.2.1:1 --cluster-bind 127.0.0.1:0; advertised; does not lead",
            })
    void theDoctorSaysWhatIsWrongAndHowToMendIt(String options, String what, String found) {
        String cluster = options.contains("--cluster ") ? "" : " --cluster 127.0.0.1:0";
        boolean worker = options.contains("--seed");
        String http = options.contains("--http") || worker ? "" : " --http 127.0.0.1:0";
        CommandLineRun run = run("doctor --json " + options + cluster + http);

        assertThat(run.exitCode()).as(run::transcript).isEqualTo(1);
        assertThat(ill(run))
                .as(run::transcript)
                .anySatisfy(
                        check -> {
                            assertThat(check.get("what").asText()).isEqualTo(what);
                            assertThat(check.get("found").asText()).contains(found);
                            assertThat(check.get("fix").asText()).isNotEmpty();
                        });
    }

    @Test
    void theDoctorFindsAllThatIsWrongAtOnce() throws IOException {
        Files.writeString(folder.resolve("bad"), "nonsense\n");
        String serving = "doctor --json --http no.invalid:1 --cluster 0.0.0.0:0";
        String access = " --tokens bad --root none --root gone";
        String http = " --tls-cert a.pem --tls-key a.key";
        String cluster = " --cluster-cert b.pem --cluster-key b.key --cluster-ca ca.pem";
        List<String> found =
                ill(run(serving + access + http + cluster)).stream()
                        .map(check -> check.get("found").asText())
                        .toList();

        for (String wrong :
                List.of(
                        "bad:1: a line is",
                        "none: a root must be",
                        "gone: a root must be",
                        "a.pem no such file",
                        "a.key no such file",
                        "b.pem no such file",
                        "b.key no such file",
                        "ca.pem no such file",
                        "'no.invalid' does not resolve",
                        "is every address of this machine")) {
            assertThat(found).anySatisfy(text -> assertThat(text).contains(wrong));
        }
    }

    /** The database would write elsewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"a;b", "a\\b"})
    void theDoctorKnowsFoldersThatCannotHoldAJournal(String state) {
        CommandLineRun run =
                run("doctor --json --http 127.0.0.1:0 --cluster 127.0.0.1:0 --state " + state);
        assertThat(ill(run))
                .anySatisfy(
                        check ->
                                assertThat(check.get("found").asText())
                                        .contains("a journal cannot be kept under a path with"));
        assertThat(folder).isEmptyDirectory();
    }

    /** For the first node of a cluster that is as it should be. */
    @Test
    void theDoctorNotesThatNobodyAnswersAtASeed() throws IOException {
        String serving =
                "doctor --http 127.0.0.1:0 --cluster 127.0.0.1:0 --seed 127.0.0.1:0"
                        + " --journal jdbc:postgresql://127.0.0.1:1/x --seed 127.0.0.1:1";
        assertThat(run(serving).out().lines())
                .anySatisfy(line -> assertThat(line).startsWith("note").contains("nobody answers"))
                .anySatisfy(line -> assertThat(line).contains("the first of a new cluster"))
                .noneMatch(line -> line.startsWith("ok") && line.contains("seed"));
        try (ServerSocket seed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(run(serving + " --seed 127.0.0.1:" + seed.getLocalPort()).out().lines())
                    .anySatisfy(line -> assertThat(line).startsWith("ok").contains(" listens"))
                    .anySatisfy(line -> assertThat(line).contains("one that answers is enough"))
                    .noneMatch(line -> line.contains("the first of a new cluster"));
        }
    }

    @Test
    void theDoctorSaysThatAKeyIsOpenToAll() throws Exception {
        Certificates made = Certificates.in(folder.resolve("pem"), "a");
        String options = "doctor --json --http 127.0.0.1:0 --cluster 127.0.0.1:0";
        String pair = " --tls-cert pem/a.pem --tls-key pem/a.key";
        assertThat(ill(run(options + pair)).stream().map(check -> check.get("what").asText()))
                .doesNotContain("key", "certificates");

        Files.setPosixFilePermissions(
                made.of("a").key(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(ill(run(options + pair)))
                .anySatisfy(
                        check -> {
                            assertThat(check.get("what").asText()).isEqualTo("key");
                            assertThat(check.get("fix").asText()).startsWith("chmod 600 ");
                        });
    }

    @Test
    void theDoctorSaysWhoHasThePort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun run =
                    run(
                            "doctor --cluster 127.0.0.1:0 --http 127.0.0.1:%d"
                                    .formatted(taken.getLocalPort()));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).contains("is taken by", "fix: end that program");
        }
    }
}
