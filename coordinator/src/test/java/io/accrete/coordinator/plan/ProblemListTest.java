package io.accrete.coordinator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;

import java.util.List;

class ProblemListTest {
    private final ProblemList problems = new ProblemList();

    private void add(int errors, int warnings) {
        for (int warning = 0; warning < warnings; warning++) {
            problems.warning("PLN-059", "warning " + warning, "-");
        }
        for (int error = 0; error < errors; error++) {
            problems.error("PLN-011", "error " + error, "-");
        }
    }

    @Test
    void whatIsSaidTwiceIsListedOnce() {
        add(2, 3);
        add(2, 3);
        assertThat(problems.all(false)).hasSize(5);
        assertThat(problems.hasErrors()).isTrue();
    }

    @Test
    void ofVeryMuchTheFirstIsListedWithHowMuchMoreThereIs() {
        add(ProblemList.ERRORS_MAX + 7_000, ProblemList.WARNINGS_MAX + 1);
        List<Problem> all = problems.all(false);
        assertThat(all).hasSize(ProblemList.ERRORS_MAX + ProblemList.WARNINGS_MAX + 1);
        assertThat(all.getLast().message()).isEqualTo("and 7,000 errors and 1 warning more");
        assertThat(all.getLast().isError()).isTrue();
    }

    @Test
    void whatStandsForMoreWarningsIsAWarningUnlessItIsStrict() {
        add(0, ProblemList.WARNINGS_MAX + 2);
        assertThat(problems.all(false).getLast().isError()).isFalse();
        assertThat(problems.all(false).getLast().message()).contains("2 warnings more");
        assertThat(problems.hasErrors()).isFalse();
        assertThat(problems.all(true)).allMatch(Problem::isError);
    }
}
