package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Progress;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

class JobTextTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final String HARMFUL = "o\u001b[2J\rut";
    private static final String SHOWN = "o\\u{1b}[2J\\u{d}ut";

    private static final Problem PROBLEM =
            new Problem(Problem.Severity.ERROR, HARMFUL, HARMFUL, 3, 2, HARMFUL, HARMFUL, HARMFUL);

    /** Whatever a server says: a terminal would obey some of it. */
    @Test
    void nothingThatAServerSaysMovesTheCursor() {
        JobResource job = job();
        List<String> texts =
                List.of(
                        JobText.line(job),
                        JobText.line(new JobNews(1, AT, "Submitted", JobPhase.FAILED, HARMFUL)),
                        String.join("", JobText.table(List.of(job))),
                        String.join("", JobText.details(job)));

        assertThat(texts)
                .allSatisfy(
                        text ->
                                assertThat(text)
                                        .contains("o\\u{1b}[2J\\u{d}ut")
                                        .doesNotContain("\u001b", "\r"));
    }

    /** With its lines, which are its own, and escaped where it is made into text. */
    @Test
    void aProblemIsShownAsItIsShownElsewhere() {
        List<String> lines = JobText.details(job());

        assertThat(lines.subList(lines.size() - 4, lines.size()))
                .containsExactly(
                        SHOWN + ":3:2  [" + SHOWN + "] " + SHOWN,
                        "    3 | " + SHOWN,
                        "      |  ^",
                        "  fix: " + SHOWN)
                .isEqualTo(PROBLEM.render().lines().toList());
    }

    private static JobResource job() {
        return new JobResource(
                "merge-1",
                JobKind.MERGE,
                JobPhase.FAILED,
                "INTERNAL",
                HARMFUL,
                HARMFUL,
                Progress.NONE,
                List.of(),
                AT,
                AT,
                List.of(PROBLEM),
                Optional.empty(),
                Optional.empty());
    }
}
