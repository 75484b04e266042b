package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Progress;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class KnownViewsTest {
    private final KnownViews views = new KnownViews(3L * KnownViews.weight(ended("a")));

    @Test
    void ofJobsThatHaveEndedThoseAskedForLatelyAreKept() {
        views.put(view("open", JobPhase.RUNNING));
        List.of("a", "b", "c").forEach(job -> views.put(ended(job)));
        assertThat(views.get("a")).isPresent();
        views.put(ended("d"));

        assertThat(views.get("b")).isEmpty();
        assertThat(List.of("open", "a", "c", "d")).allMatch(job -> views.get(job).isPresent());
    }

    @Test
    void aViewIsReplacedByTheNext() {
        views.put(view("a", JobPhase.RUNNING));
        assertThat(views.settled("a")).isEmpty();
        views.put(ended("a"));
        assertThat(views.settled("a")).hasValue(ended("a"));
        for (int again = 0; again < 9; again++) {
            views.put(ended("a"));
        }
        views.put(ended("b"));
        assertThat(views.get("a")).isPresent();
    }

    /** Whoever writes the names in a recipe decides how long sentences about them are. */
    @Test
    void aViewWeighsAsMuchAsItsSentences() {
        String text = "é".repeat(5_000);
        JobView told =
                view("a", JobPhase.FAILED, List.of(Problem.error("PLN-001", text, text, text)));

        assertThat(KnownViews.weight(told)).isGreaterThan(30_000);
    }

    private static JobView ended(String job) {
        return view(job, JobPhase.FAILED);
    }

    private static JobView view(String job, JobPhase phase) {
        return view(job, phase, List.of());
    }

    private static JobView view(String job, JobPhase phase, List<Problem> problems) {
        return new JobView(
                job,
                JobKind.MERGE,
                phase,
                "CODE",
                "reason",
                "/out",
                Progress.NONE,
                List.of(),
                JournalExamples.AT,
                JournalExamples.AT,
                problems,
                Optional.empty(),
                Optional.empty());
    }
}
