package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the doctor says of a shared journal. */
@Tag("process")
class DoctorJournalTest {
    @TempDir private Path folder;

    /** What was looked at, to what was found; with "fix" behind it where it is not well. */
    private Map<String, String> checks(String journal) throws IOException, InterruptedException {
        AccreteProcess doctor =
                AccreteProcess.start(
                        folder,
                        folder,
                        List.of(
                                "doctor",
                                "--json",
                                "--http",
                                "127.0.0.1:0",
                                "--cluster",
                                "127.0.0.1:0",
                                "--journal",
                                journal));
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
}
