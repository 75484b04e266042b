package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.remote.StandInServer;
import io.accrete.remote.StandInServer.Asked;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Commands that are given several servers, or none that answers. */
class ServerFailOverTest {
    private static final String NONE = "{\"jobs\": []}";

    @TempDir private Path folder;

    private CommandLineRun run(String... arguments) {
        return with(Map.of(), arguments);
    }

    private CommandLineRun with(Map<String, String> variables, String... arguments) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("XDG_CONFIG_HOME", folder.toString());
        return CommandLineRun.in(folder, environment, arguments);
    }

    @Test
    void aWatcherGoesOnWithTheNextServer() throws Exception {
        try (StandInServer dies =
                        new StandInServer(
                                exchange -> {
                                    StandInServer.events(exchange, 1);
                                    StandInServer.BREAKS.handle(exchange);
                                });
                StandInServer lives =
                        new StandInServer(
                                exchange -> {
                                    if (exchange.getRequestURI().getPath().endsWith("/events")) {
                                        StandInServer.events(exchange, 3);
                                        exchange.close();
                                    } else {
                                        StandInServer.answer(exchange, StandInServer.JOB);
                                    }
                                })) {
            CommandLineRun run =
                    run("watch", "j", "--server", dies.url() + ", " + lives.url() + "/");

            assertThat(run.exitCode()).as(run.transcript()).isZero();
            assertThat(run.out()).containsSubsequence("event 1", "event 2", "event 3", "published");
            // Whether or not what came just before the connection broke has arrived.
            assertThat(run.out()).containsOnlyOnce("event 1");
            assertThat(lives.asked()).isNotEmpty();
        }
    }

    /** As of a server of another version, or of something else that answers there. */
    @Test
    void whoTellsWhatNobodyUnderstandsIsNotWatchedForEver() throws Exception {
        try (StandInServer other =
                new StandInServer(exchange -> StandInServer.answer(exchange, "data:{}x\n\n"))) {
            CommandLineRun run = run("watch", "j", "--server", other.url());

            assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.UNREACHABLE.code());
            assertThat(run.err()).contains("something that is not Accrete answers there");
        }
    }

    @Test
    void aTokenIsShownToTheServersOfItsContextOnly() throws Exception {
        Files.writeString(folder.resolve("token"), "secret\n");
        try (StandInServer busy = new StandInServer(exchange -> StandInServer.busy(exchange, "9"));
                StandInServer well =
                        new StandInServer(exchange -> StandInServer.answer(exchange, NONE));
                StandInServer other =
                        new StandInServer(exchange -> StandInServer.answer(exchange, NONE))) {
            String both = busy.url() + "," + well.url();
            assertThat(run("context", "set", "lab", "--server", both, "--token-file", "token"))
                    .extracting(CommandLineRun::exitCode)
                    .isEqualTo(0);

            assertThat(run("jobs").exitCode()).isZero();
            assertThat(run("jobs", "--server", other.url()).exitCode()).isZero();
            assertThat(with(Map.of("ACCRETE_SERVER", other.url()), "jobs").exitCode()).isZero();

            assertThat(busy.asked())
                    .extracting(Asked::token)
                    .containsExactly(Optional.of("Bearer secret"));
            assertThat(well.asked())
                    .extracting(Asked::token)
                    .containsExactly(Optional.of("Bearer secret"));
            assertThat(other.asked())
                    .extracting(Asked::token)
                    .containsExactly(Optional.empty(), Optional.empty());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://x, ftp://x",
        "'http://a,ftp://x', ftp://x",
        "'http://a,', ''",
        "http://a:99999, http://a:99999",
        "http://a?b, http://a?b",
    })
    void whatIsNoAddressIsUsage(String servers, String wrong) throws Exception {
        String sentence = "'%s' is no address of a server".formatted(wrong);
        usage(run("jobs", "--server", servers), "--server: " + sentence);
        usage(with(Map.of("ACCRETE_SERVER", servers), "jobs"), "ACCRETE_SERVER: " + sentence);
        usage(run("context", "set", "a", "--server", servers), "--server: " + sentence);
        Path contexts = Files.createDirectories(folder.resolve("accrete"));
        Files.writeString(
                contexts.resolve("contexts.yml"),
                "current: a\ncontexts: {a: {server: '%s'}}\n".formatted(servers));
        usage(run("jobs"), "the context: " + sentence);
    }

    private static void usage(CommandLineRun run, String sentence) {
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("[CTX-104] " + sentence, "fix: write it as");
    }

    @ParameterizedTest
    @CsvSource({
        "jobs --state FOO, QUEUED",
        "jobs --kind grow, MERGE",
        "jobs --limit 0, a number from 1 to 500",
        "jobs --limit 501, a number from 1 to 500",
        "jobs --limit x, is not an int",
        "rollback j --step -1, 0 or more",
    })
    void whatIsNoValueIsUsageBeforeAServerIsAsked(String line, String allowed) throws Exception {
        try (StandInServer server =
                new StandInServer(exchange -> StandInServer.answer(exchange, NONE))) {
            CommandLineRun run = run((line + " --server " + server.url()).split(" ", -1));

            assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.USAGE.code());
            assertThat(run.err()).contains(allowed);
            assertThat(server.asked()).isEmpty();
        }
    }

    @Test
    void whyNobodyAnswersIsSaidOfEachServer() {
        CommandLineRun run = run("jobs", "--server", StandInServer.NOBODY + ",http://no.invalid:1");

        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.UNREACHABLE.code());
        assertThat(run.err())
                .contains(
                        "http://127.0.0.1:1 cannot be reached: the connection was refused",
                        "http://no.invalid:1 cannot be reached: its name does not resolve",
                        "is it running?",
                        "is it written as it should be")
                .doesNotContain("Exception");
    }

    @Test
    void theKeyOfAJobWhoseAnswerIsLostIsSaid() throws Exception {
        Files.writeString(folder.resolve("recipe.yml"), "merge_method: passthrough\n");
        CommandLineRun run =
                run("submit", "--json", "recipe.yml", "out", "--server", StandInServer.NOBODY);

        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.UNREACHABLE.code());
        String key = run.result().path("key").asText();
        assertThat(key).isNotEmpty();
        assertThat(run.err()).contains("submit again with --key " + key);
    }
}
