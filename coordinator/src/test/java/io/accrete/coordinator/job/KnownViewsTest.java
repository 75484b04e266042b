package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
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

    private static JobView ended(String job) {
        return view(job, JobPhase.FAILED);
    }

    private static JobView view(String job, JobPhase phase) {
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
                List.of(),
                Optional.empty(),
                Optional.empty());
    }
}
