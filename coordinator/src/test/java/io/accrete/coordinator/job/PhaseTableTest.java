package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

class PhaseTableTest {
    private static final Path PAGE = Path.of("..", "docs", "job-states.md");

    @Test
    void terminalPhasesNeverChange() {
        assertThat(PhaseTable.rows()).noneMatch(row -> row.from().isTerminal());
    }

    @Test
    void everyPhaseCanBeReachedAndEveryOtherLeft() {
        Set<JobPhase> reached = new HashSet<>(Set.of(JobPhase.QUEUED));
        Set<JobPhase> left = new HashSet<>();
        PhaseTable.rows()
                .forEach(
                        row -> {
                            reached.add(row.to());
                            left.add(row.from());
                        });
        assertThat(reached).containsExactlyInAnyOrder(JobPhase.values());
        assertThat(Arrays.stream(JobPhase.values()).filter(phase -> !phase.isTerminal()))
                .allMatch(left::contains);
    }

    @Test
    void everyEventButTheFirstIsInTheTable() {
        assertThat(PhaseTable.rows())
                .map(PhaseTable.Row::event)
                .containsAll(
                        Arrays.stream(JobEvent.class.getPermittedSubclasses())
                                .filter(event -> event != JobEvent.Submitted.class)
                                .<Class<? extends JobEvent>>map(c -> c.asSubclass(JobEvent.class))
                                .toList());
    }

    /** With {@code -Djob-states.write=true} it writes the page. */
    @Test
    void thePageShowsTheTable() throws IOException {
        String page = page();
        if (Boolean.getBoolean("job-states.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as(
                        "docs/job-states.md, which is made from PhaseTable; write it again with"
                                + " mvn -pl coordinator -am test -Dtest=PhaseTableTest"
                                + " -DargLine=-Djob-states.write=true")
                .isEqualTo(page);
    }

    private static String page() {
        StringBuilder text = new StringBuilder();
        text.append(
                """
                # States of a job

                Made from `PhaseTable` by its test; do not edit. What is not here does not happen.

                ```mermaid
                stateDiagram-v2
                    [*] --> QUEUED: Submitted
                """);
        for (PhaseTable.Row row : PhaseTable.rows()) {
            text.append(
                    "    %s --> %s: %s%n"
                            .formatted(row.from(), row.to(), row.event().getSimpleName()));
        }
        text.append("    SUCCEEDED --> [*]\n    FAILED --> [*]\n    CANCELLED --> [*]\n```\n\n");
        text.append("| from | event | to |\n|---|---|---|\n| | Submitted | QUEUED |\n");
        for (PhaseTable.Row row : PhaseTable.rows()) {
            text.append(
                    "| %s | %s | %s |%n"
                            .formatted(row.from(), row.event().getSimpleName(), row.to()));
        }
        return text.toString();
    }
}
