package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

class ContextCommandTest {
    @TempDir private Path folder;

    @Test
    void serversAreNamedChosenChangedAndForgotten() throws IOException {
        assertThat(run("list").err()).contains("no server has a name");
        ok(run("set", "home", "--server", "http://127.0.0.1:1"));
        ok(run("set", "yes", "--server", "https://far:8443", "--token-file", "token"));
        ok(run("set", "yes", "--ca-file", "/etc/ca.pem"));
        assertThat(run("list").out().lines())
                .containsExactly(
                        "* home  http://127.0.0.1:1",
                        "  yes  https://far:8443  (token in %s)"
                                .formatted(folder.resolve("token")));

        ok(run("use", "yes"));
        assertThat(Files.readString(file()))
                .isEqualTo(
                        """
                        # Servers of `accrete`; `accrete context` changes them.
                        current: "yes"
                        contexts:
                          "home":
                            server: "http://127.0.0.1:1"
                          "yes":
                            server: "https://far:8443"
                            token_file: "%s"
                            ca_file: "/etc/ca.pem"
                        """
                                .formatted(folder.resolve("token")));

        ok(run("delete", "yes"));
        assertThat(run("list").out().lines()).containsExactly("  home  http://127.0.0.1:1");
        assertThat(file().getParent()).isDirectoryContaining(path -> path.equals(file()));
    }

    @Test
    void whatIsMeantIsSaidWhereItIsWrong() throws IOException {
        ok(run("set", "home", "--server", "http://127.0.0.1:1"));
        refused(run("use", "work"), "there is no context 'work'; there are home");
        refused(run("delete", "work"), "there is no context 'work'");
        refused(run("set", "a b", "--server", "http://x"), "is no name of a context");
        refused(run("set", "work"), "no server is given");
        refused(run("set", "work", "--server", "ftp://x"), "is no address of a server");
        refused(
                jobs("--context", "home", "--server", "http://x"),
                "--context and --server both name a server");

        for (String text :
                new String[] {
                    "contexts: [1]", "contexts: {a: {url: x}}", "contexts: {a: {}}", "{"
                }) {
            Files.writeString(file(), text);
            CommandLineRun run = run("list");
            assertThat(run.exitCode()).as(text).isEqualTo(ExitCode.INVALID_INPUT.code());
            assertThat(run.err()).as(text).contains("contexts.yml:1").contains("[CTX-");
        }
    }

    /** Nobody listens on these ports, which the refusals name. */
    @Test
    void commandsSpeakToTheServerThatWasNamedLast() throws IOException {
        ok(run("set", "home", "--server", "http://127.0.0.1:1"));
        ok(run("set", "work", "--server", "http://127.0.0.1:2"));

        unreachable(jobs(), "127.0.0.1:1");
        unreachable(jobs("--context", "work"), "127.0.0.1:2");
        unreachable(jobs("--server", "http://127.0.0.1:3"), "127.0.0.1:3");
        Map<String, String> variable = Map.of("ACCRETE_SERVER", "http://127.0.0.1:4");
        unreachable(with(variable, "jobs"), "127.0.0.1:4");
        unreachable(with(variable, "jobs", "--context", "work"), "127.0.0.1:2");
    }

    private CommandLineRun run(String... arguments) {
        return with(Map.of(), concat("context", arguments));
    }

    private CommandLineRun jobs(String... arguments) {
        return with(Map.of(), concat("jobs", arguments));
    }

    private static String[] concat(String first, String... others) {
        return Stream.concat(Stream.of(first), Arrays.stream(others)).toArray(String[]::new);
    }

    private CommandLineRun with(Map<String, String> environment, String... arguments) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("XDG_CONFIG_HOME", folder.resolve("config").toString());
        return CommandLineRun.in(folder, all, arguments);
    }

    private Path file() {
        return folder.resolve("config/accrete/contexts.yml");
    }

    private static void ok(CommandLineRun run) {
        assertThat(run.exitCode()).as(run.transcript()).isZero();
    }

    private static void refused(CommandLineRun run, String sentence) {
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains(sentence);
    }

    private static void unreachable(CommandLineRun run, String server) {
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.UNREACHABLE.code());
        assertThat(run.err()).contains(server);
    }
}
