package io.accrete.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.accrete.coordinator.job.Figures;
import io.accrete.protocol.http.ClusterResource;
import io.accrete.protocol.job.DurationCounts;
import io.accrete.protocol.job.JobFigures;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.PoolFigures;
import io.accrete.protocol.merge.ShardReceipt;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Optional;

class MetricsPageTest {
    private static final ClusterResource CLUSTER =
            new ClusterResource(
                    "a:1",
                    Optional.of("a:1"),
                    List.of(
                            new ClusterResource.Member("a:1", List.of(), "up", true, "1"),
                            new ClusterResource.Member("b:1", List.of(), "up", false, "1"),
                            new ClusterResource.Member("c:1", List.of(), "leaving", true, "1")));

    @Test
    void allFiguresAreThere() {
        DurationCounts journal =
                DurationCounts.NONE.plus(2_000_000).plus(2_000_000).plus(4_000_000_000L);
        Figures figures =
                new Figures(
                        new JobFigures(
                                Map.of(JobPhase.RUNNING, 2, JobPhase.FAILED, 7),
                                journal,
                                new ShardReceipt.Moved(10, 20, 30)),
                        new PoolFigures(
                                1,
                                2,
                                3,
                                4,
                                5,
                                6,
                                7,
                                8,
                                9,
                                10,
                                11,
                                12,
                                13,
                                DurationCounts.NONE.plus(1)));

        String text = text(Optional.of(figures));

        assertThat(text.lines())
                .contains(
                        "# TYPE accrete_jobs gauge",
                        "accrete_jobs{state=\"running\"} 2.0",
                        "accrete_jobs{state=\"failed\"} 7.0",
                        "accrete_jobs{state=\"paused\"} 0.0",
                        "accrete_tasks{state=\"pending\"} 3.0",
                        "accrete_tasks{state=\"delayed\"} 4.0",
                        "accrete_tasks{state=\"leased\"} 5.0",
                        "accrete_tasks{state=\"given_up\"} 6.0",
                        "# TYPE accrete_leases_expired_total counter",
                        "accrete_leases_granted_total 7.0",
                        "accrete_leases_expired_total 8.0",
                        "accrete_tasks_settled_total 9.0",
                        "accrete_tasks_failed_total 10.0",
                        "accrete_tasks_doubled_total 11.0",
                        "accrete_workers_drained_total 12.0",
                        "accrete_results_fenced_total 13.0",
                        "accrete_bytes_total{kind=\"copied\"} 20.0",
                        "# TYPE accrete_journal_write_seconds histogram",
                        "accrete_journal_write_seconds_bucket{le=\"0.0025\"} 2",
                        "accrete_journal_write_seconds_bucket{le=\"2.5\"} 2",
                        "accrete_journal_write_seconds_bucket{le=\"5.0\"} 3",
                        "accrete_journal_write_seconds_bucket{le=\"+Inf\"} 3",
                        "accrete_journal_write_seconds_count 3",
                        "accrete_journal_write_seconds_sum 4.004",
                        "accrete_queue_wait_seconds_count 1",
                        "accrete_members{status=\"up\"} 2.0",
                        "accrete_members{status=\"leaving\"} 1.0",
                        "accrete_members_unreachable 1.0",
                        "accrete_coordinator_here 1.0",
                        "accrete_coordinator_reachable 1.0",
                        "accrete_watchers 4.0",
                        "accrete_build_info{version=\"9.8\"} 1");
    }

    @Test
    void aNodeWithoutCoordinatorTellsWhatItKnowsItself() {
        assertThat(text(Optional.empty()).lines())
                .contains("accrete_coordinator_reachable 0.0", "accrete_members_unreachable 1.0")
                .noneMatch(line -> line.startsWith("accrete_jobs"));
    }

    @Test
    void durationsAreCountedByClass() {
        DurationCounts counts =
                DurationCounts.NONE.plus(-5).plus(1_000_000).plus(1_000_001).plus(Long.MAX_VALUE);

        assertThat(counts.counts().getFirst()).as("up to a millisecond").isEqualTo(2);
        assertThat(counts.counts().get(1)).isEqualTo(1);
        assertThat(counts.counts().getLast()).isEqualTo(1);
    }

    private static String text(Optional<Figures> figures) {
        return new String(MetricsPage.of("9.8", CLUSTER, 4, figures), UTF_8);
    }
}
