package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class DirectoryStateTest {
    private static final Optional<String> USER = Optional.empty();

    private DirectoryState state = DirectoryState.empty();

    @Test
    void pagesDoNotOverlapNorLeaveOutWhileJobsComeAndGo() {
        list(1, 10);
        List<String> seen = new ArrayList<>();
        List<String> first = page(JobQuery.newest(4));
        seen.addAll(first);
        list(11, 14);
        String cursor = cursor(first.getLast());
        apply(
                new DirectoryEvent.JobClosed(
                        first.getLast(), JobPhase.SUCCEEDED, JournalExamples.AT));
        apply(new DirectoryEvent.JobDeleted(first.getLast(), JournalExamples.AT));
        while (true) {
            List<String> next = page(after(cursor, 4));
            seen.addAll(next);
            if (next.size() < 4) {
                break;
            }
            cursor = cursor(next.getLast());
        }
        assertThat(seen)
                .containsExactly("j10", "j9", "j8", "j7", "j6", "j5", "j4", "j3", "j2", "j1");
    }

    @Test
    void aJobIsACursorToo() {
        list(1, 3);

        assertThat(page(after("j3", 9))).containsExactly("j2", "j1");
        assertThat(state.after(Optional.of("none"))).isEmpty();
        assertThat(state.after(Optional.of("-1"))).isEmpty();
        assertThat(state.after(Optional.of("9".repeat(30)))).isEmpty();
    }

    @Test
    void numbersOfDeletedJobsAreNotGivenAgain() {
        list(1, 2);
        apply(new DirectoryEvent.JobClosed("j2", JobPhase.FAILED, JournalExamples.AT));
        apply(new DirectoryEvent.JobDeleted("j2", JournalExamples.AT));
        list(3, 3);

        assertThat(state.jobs().get("j3")).extracting(job -> job.number()).isEqualTo(3L);
    }

    @Test
    void whatTheListItselfTellsIsNotAskedFor() {
        list(1, 2);
        apply(
                new DirectoryEvent.JobListed(
                        "t", "t", "/t", USER, Optional.of(JobKind.TRAIN), JournalExamples.AT));
        apply(
                new DirectoryEvent.JobListed(
                        "old", "old", "/old", USER, Optional.empty(), JournalExamples.AT));
        apply(new DirectoryEvent.JobClosed("j1", JobPhase.FAILED, JournalExamples.AT));

        assertThat(page(query(Optional.empty(), Optional.of(JobKind.TRAIN))))
                .containsExactly("old", "t");
        assertThat(page(query(Optional.of(JobPhase.FAILED), Optional.empty())))
                .containsExactly("old", "t", "j2", "j1");
        assertThat(page(query(Optional.of(JobPhase.RUNNING), Optional.empty())))
                .containsExactly("old", "t", "j2");
    }

    @Test
    void onlyWhatHasEndedIsDeleted() {
        list(1, 2);
        apply(new DirectoryEvent.JobClosed("j1", JobPhase.FAILED, JournalExamples.AT));

        assertThat(state.delete("j1", Optional.empty(), JournalExamples.AT))
                .isEqualTo(
                        Decision.accept(new DirectoryEvent.JobDeleted("j1", JournalExamples.AT)));
        assertThat(state.delete("j2", Optional.of(JobPhase.RUNNING), JournalExamples.AT))
                .isEqualTo(
                        Decision.reject(
                                "job j2 is RUNNING: only a job that has ended can be deleted;"
                                        + " cancel it first"));
        assertThat(state.delete("j2", Optional.of(JobPhase.CANCELLED), JournalExamples.AT))
                .isEqualTo(
                        new Decision.Accepted<>(
                                List.of(
                                        new DirectoryEvent.JobClosed(
                                                "j2", JobPhase.CANCELLED, JournalExamples.AT),
                                        new DirectoryEvent.JobDeleted("j2", JournalExamples.AT))));
    }

    @Test
    void anOutputIsFreeAgainOnceItsJobIsGone() {
        list(1, 1);
        DirectoryEvent.JobListed second =
                new DirectoryEvent.JobListed(
                        "j2", "j1", "/out/1", USER, Optional.empty(), JournalExamples.AT);

        assertThat(state.admit(second, new JobLimits(9, 9, 9)))
                .isEqualTo(new DirectoryState.Admission.Known("j1"));
        apply(new DirectoryEvent.JobClosed("j1", JobPhase.FAILED, JournalExamples.AT));
        apply(new DirectoryEvent.JobDeleted("j1", JournalExamples.AT));
        assertThat(state.admit(second, new JobLimits(9, 9, 9)))
                .isEqualTo(new DirectoryState.Admission.New(second));
        assertThat(state.admit(second, new JobLimits(0, 9, 9)))
                .isInstanceOf(DirectoryState.Admission.Refused.class);
    }

    @Test
    void oneUsersKeysAreNoBusinessOfAnothers() {
        apply(listed("j1", "/out/1", Optional.of("ann")));
        JobLimits limits = new JobLimits(9, 9, 1);

        assertThat(state.admit(listed("j2", "/out/2", Optional.of("ann")), limits))
                .isEqualTo(new DirectoryState.Admission.Known("j1"));
        DirectoryEvent.JobListed other = listed("j2", "/out/2", Optional.of("bob"));
        assertThat(state.admit(other, limits)).isEqualTo(new DirectoryState.Admission.New(other));
        apply(other);
        apply(new DirectoryEvent.JobClosed("j2", JobPhase.FAILED, JournalExamples.AT));
        assertThat(state.admit(other, limits)).isEqualTo(new DirectoryState.Admission.Known("j2"));
    }

    @Test
    void anotherKeyThatAJobWasAnsweredToIsItsOwnUntilItIsGone() {
        list(1, 1);
        JobLimits limits = new JobLimits(9, 9, 9);
        DirectoryEvent.JobListed again = listed("j2", "/out/1", USER);
        assertThat(state.admit(again, limits))
                .isEqualTo(new DirectoryState.Admission.SameOutput("j1"));

        DirectoryEvent.KeyJoined joined = joined("key");
        assertThat(state.join(joined)).contains(joined);
        apply(joined);
        assertThat(state.join(joined)).as("twice").isEmpty();
        apply(new DirectoryEvent.JobClosed("j1", JobPhase.FAILED, JournalExamples.AT));
        assertThat(state.admit(again, limits)).isEqualTo(new DirectoryState.Admission.Known("j1"));

        apply(new DirectoryEvent.JobDeleted("j1", JournalExamples.AT));
        assertThat(state.admit(again, limits)).isEqualTo(new DirectoryState.Admission.New(again));
        assertThat(state.join(joined)).as("of a job that is gone").isEmpty();
    }

    @Test
    void outputsOfOpenJobsDoNotLieInEachOther() {
        apply(listed("j0", "/out/1.x", USER));
        apply(listed("j1", "/out/1", USER));
        JobLimits limits = new JobLimits(9, 9, 9);

        for (String output : List.of("/out/1/inner", "/out", "/")) {
            DirectoryEvent.JobListed second =
                    new DirectoryEvent.JobListed(
                            "j2", "k2", output, USER, Optional.empty(), JournalExamples.AT);
            assertThat(state.admit(second, limits))
                    .isInstanceOfSatisfying(
                            DirectoryState.Admission.Refused.class,
                            refused ->
                                    assertThat(refused.sentence())
                                            .contains("job j1", "publishes to /out/1"));
        }
        DirectoryEvent.JobListed beside =
                new DirectoryEvent.JobListed(
                        "j2", "k2", "/out/11", USER, Optional.empty(), JournalExamples.AT);
        assertThat(state.admit(beside, limits)).isEqualTo(new DirectoryState.Admission.New(beside));
    }

    @Test
    void aJobHasABoundedNumberOfKeys() {
        list(1, 1);
        int kept = 0;
        while (state.join(joined("key " + kept)).isPresent()) {
            apply(joined("key " + kept));
            kept++;
        }
        assertThat(kept).isEqualTo(32);
    }

    private static DirectoryEvent.KeyJoined joined(String key) {
        return new DirectoryEvent.KeyJoined("j1", key, USER, JournalExamples.AT);
    }

    private static DirectoryEvent.JobListed listed(
            String job, String output, Optional<String> user) {
        return new DirectoryEvent.JobListed(
                job, "key", output, user, Optional.of(JobKind.MERGE), JournalExamples.AT);
    }

    @Test
    void jobsAreCountedByPhase() {
        list(1, 4);
        apply(new DirectoryEvent.JobClosed("j1", JobPhase.FAILED, JournalExamples.AT));

        assertThat(
                        state.byPhase(
                                job ->
                                        job.equals("j4")
                                                ? Optional.empty()
                                                : Optional.of(JobPhase.RUNNING)))
                .isEqualTo(Map.of(JobPhase.FAILED, 1, JobPhase.RUNNING, 2));
    }

    /** The journal is read onto it again after a failure. */
    @Test
    void theEmptyOneNeverChanges() {
        DirectoryState empty = DirectoryState.empty();
        List<DirectoryEvent> events =
                List.of(
                        new DirectoryEvent.TermStarted(7, JournalExamples.AT),
                        listed("j1", "/out/1", Optional.of("ann")),
                        new DirectoryEvent.JobClosed("j1", JobPhase.FAILED, JournalExamples.AT),
                        new DirectoryEvent.JobDeleted("j1", JournalExamples.AT),
                        listed("j2", "/out/2", Optional.of("ann")));
        for (int reading = 0; reading < 2; reading++) {
            state = empty;
            events.forEach(this::apply);

            assertThat(state.term()).isEqualTo(7);
            assertThat(state.jobs()).containsOnlyKeys("j2");
            assertThat(state.after(Optional.of("j2"))).hasValue(2);
            DirectoryEvent.JobListed third = listed("j3", "/out/3", USER);
            assertThat(state.admit(third, new JobLimits(2, 2, 2)))
                    .isEqualTo(new DirectoryState.Admission.New(third));
        }
        assertThat(empty.term()).isZero();
        assertThat(empty.jobs()).isEmpty();
        assertThat(empty.openAt("/out/2")).isEmpty();
    }

    private void list(int from, int to) {
        for (int i = from; i <= to; i++) {
            apply(
                    new DirectoryEvent.JobListed(
                            "j" + i,
                            "j" + i,
                            "/out/" + i,
                            USER,
                            Optional.of(JobKind.MERGE),
                            JournalExamples.AT));
        }
    }

    private void apply(DirectoryEvent event) {
        state = state.apply(event);
    }

    private String cursor(String job) {
        return Long.toString(state.after(Optional.of(job)).orElseThrow());
    }

    private static JobQuery after(String cursor, int most) {
        return new JobQuery(Optional.empty(), Optional.empty(), most, Optional.of(cursor));
    }

    private static JobQuery query(Optional<JobPhase> phase, Optional<JobKind> kind) {
        return new JobQuery(phase, kind, 9, Optional.empty());
    }

    private List<String> page(JobQuery query) {
        long after = state.after(query.cursor()).orElseThrow();
        return state.newest(query, after, query.most(), _ -> false).stream()
                .map(Map.Entry::getKey)
                .toList();
    }
}
