package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.FreePort;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the doctor says of journals. */
@Tag("process")
class DoctorJournalTest {
    private static final String ANY = "127.0.0.1:0";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir private Path folder;
    @TempDir private Path logs;

    /** What was looked at, to what was found; with "fix" behind it where it is not well. */
    private Map<String, String> checks(String journal) throws IOException, InterruptedException {
        return checks("--http", ANY, "--cluster", ANY, "--journal", journal);
    }

    private Map<String, String> checks(String... settings)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("doctor", "--json"));
        arguments.addAll(List.of(settings));
        AccreteProcess doctor = AccreteProcess.start(folder, logs, arguments);
        doctor.exitCode();
        Map<String, String> checks = new TreeMap<>();
        for (JsonNode check : doctor.result().get("checks")) {
            String fix = check.get("fix").asText();
            checks.put(
                    check.get("what").asText(),
                    check.get("found").asText() + (fix.isEmpty() ? "" : " fix: " + fix));
        }
        return checks;
    }

    @Test
    void aJournalIsLookedAtAndNotChanged() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            for (int time = 0; time < 2; time++) {
                assertThat(checks(postgres.url()))
                        .hasEntrySatisfying(
                                "journal",
                                found ->
                                        assertThat(found)
                                                .contains("PostgreSQL", "has no tables yet")
                                                .doesNotContain("fix"))
                        .hasEntrySatisfying(
                                "connections", found -> assertThat(found).doesNotContain("fix"))
                        .hasEntrySatisfying(
                                "clocks", found -> assertThat(found).doesNotContain("fix"));
            }
            assertThat(checks(postgres.url().replace("/accrete", "/other")).get("journal"))
                    .contains("there is no such database", "fix: ");
            assertThat(checks(postgres.url().replace("user=accrete", "user=eve")).get("journal"))
                    .contains("the user or the password is wrong", "fix: ");
            postgres.pause();
            try {
                assertThat(checks(postgres.url()).get("journal"))
                        .contains("it cannot be reached", "fix: ");
            } finally {
                postgres.resume();
            }
        }
    }

    /** Names, sizes and times of the files. */
    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path file : all) {
                files.put(
                        file.getFileName() + "",
                        Files.size(file) + " " + Files.getLastModifiedTime(file));
            }
        }
        return files;
    }

    @Test
    void aJournalOfAnotherNodeIsFoundInUse() throws Exception {
        Path state = folder.resolve("state");
        String cluster = "127.0.0.1:" + FreePort.next();
        String[] other = {"--http", ANY, "--cluster", ANY, "--state", state.toString()};
        assertThat(checks(other).get("journal")).isEqualTo("will be kept in " + state);
        assertThat(state).doesNotExist();

        AccreteProcess node =
                AccreteProcess.start(
                        folder,
                        logs,
                        List.of(
                                "serve",
                                "--http",
                                ANY,
                                "--cluster",
                                cluster,
                                "--state",
                                state.toString()));
        try {
            await().atMost(PATIENCE).until(() -> node.err().contains("ready on"));
            assertThat(checks(other).get("journal"))
                    .contains("another process has this journal open", " fix: end the node");
            assertThat(checks("--http", ANY, "--cluster", cluster, "--state", state + ""))
                    .hasEntrySatisfying(
                            "journal",
                            found ->
                                    assertThat(found)
                                            .contains("in use by the node that runs")
                                            .doesNotContain("fix"));
        } finally {
            node.signal("TERM");
            assertThat(node.endsWithin(PATIENCE)).as(node::transcript).isTrue();
        }
        Map<String, String> before = files(state);
        assertThat(checks(other).get("journal")).contains("is kept in").doesNotContain("fix");
        assertThat(files(state)).isEqualTo(before);

        Files.writeString(state.resolve("journal.mv.db"), "not a journal");
        assertThat(checks(other).get("journal")).contains("cannot be opened", " fix: ");
    }
}
