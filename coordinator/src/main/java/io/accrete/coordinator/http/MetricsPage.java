package io.accrete.coordinator.http;

import io.accrete.coordinator.job.Figures;
import io.accrete.protocol.http.ClusterResource;
import io.accrete.protocol.job.DurationCounts;
import io.accrete.protocol.job.JobFigures;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.PoolFigures;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Figures in the text format of Prometheus. {@code docs/metrics.md} lists them. */
final class MetricsPage {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private final List<MetricSnapshot> families = new ArrayList<>();

    private MetricsPage() {}

    /**
     * @param figures of the coordinator; empty where it does not answer
     * @param watchers of jobs, on this node
     */
    static byte[] of(
            String version, ClusterResource cluster, int watchers, Optional<Figures> figures) {
        MetricsPage page = new MetricsPage();
        page.node(version, cluster, watchers);
        page.gauge(
                "accrete_coordinator_reachable",
                "Whether the coordinator answered, here or elsewhere; without it most figures lack",
                figures.isPresent() ? 1 : 0);
        figures.ifPresent(
                found -> {
                    page.jobs(found.jobs());
                    page.pool(found.pool());
                });
        return page.text();
    }

    private void node(String version, ClusterResource cluster, int watchers) {
        families.add(
                InfoSnapshot.builder()
                        .name("accrete_build")
                        .help("Version of the program")
                        .dataPoint(
                                InfoDataPointSnapshot.builder()
                                        .labels(Labels.of("version", version))
                                        .build())
                        .build());
        Map<String, Integer> members = new TreeMap<>();
        cluster.members().forEach(member -> members.merge(member.status(), 1, Integer::sum));
        gauges("accrete_members", "Nodes of the cluster, as this one sees them", "status", members);
        gauge(
                "accrete_members_unreachable",
                "Nodes that this one does not hear of",
                cluster.members().stream().filter(member -> !member.reachable()).count());
        gauge(
                "accrete_coordinator_here",
                "Whether the coordinator runs on this node",
                cluster.coordinator().equals(Optional.of(cluster.self())) ? 1 : 0);
        gauge("accrete_watchers", "Streams of events that this node serves", watchers);
    }

    private void jobs(JobFigures figures) {
        Map<String, Integer> jobs = new TreeMap<>();
        for (JobPhase phase : JobPhase.values()) {
            jobs.put(phase.name().toLowerCase(Locale.ROOT), figures.jobs().getOrDefault(phase, 0));
        }
        gauges("accrete_jobs", "Jobs on the list", "state", jobs);
        counters(
                "accrete_bytes",
                "Bytes of shards that were received: shared with their source, copied, computed",
                "kind",
                Map.of(
                        "shared", figures.moved().shared(),
                        "copied", figures.moved().copied(),
                        "computed", figures.moved().computed()));
        histogram(
                "accrete_journal_write_seconds",
                "Writes of events, from the decision until they were acknowledged",
                figures.journal());
    }

    private void pool(PoolFigures figures) {
        gauge("accrete_workers", "Workers that are registered", figures.workers());
        gauge("accrete_worker_slots", "Tasks that they run at the same time", figures.slots());
        gauges(
                "accrete_tasks",
                "Tasks that are not done",
                "state",
                Map.of(
                        "pending", figures.pending(),
                        "delayed", figures.delayed(),
                        "leased", figures.leased(),
                        "given_up", figures.givenUp()));
        counter("accrete_leases_granted", "Leases of tasks", figures.granted());
        counter("accrete_leases_expired", "Leases whose worker was silent", figures.expired());
        counter("accrete_tasks_settled", "Tasks whose result was accepted", figures.settled());
        counter("accrete_tasks_failed", "Tasks that a worker gave back", figures.failed());
        counter(
                "accrete_tasks_doubled",
                "Tasks given to a second worker, since the first was slow",
                figures.doubled());
        counter(
                "accrete_workers_drained",
                "Workers that get no more, since too much failed on them",
                figures.drained());
        counter(
                "accrete_results_fenced",
                "Results that were refused, since their lease had ended",
                figures.refused());
        histogram(
                "accrete_queue_wait_seconds",
                "Waits of tasks, from when they could be granted until they were",
                figures.queueWait());
    }

    private void gauge(String name, String help, double value) {
        families.add(
                GaugeSnapshot.builder()
                        .name(name)
                        .help(help)
                        .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
                        .build());
    }

    private void gauges(String name, String help, String label, Map<String, Integer> values) {
        GaugeSnapshot.Builder gauges = GaugeSnapshot.builder().name(name).help(help);
        values.forEach(
                (key, value) ->
                        gauges.dataPoint(
                                GaugeDataPointSnapshot.builder()
                                        .labels(Labels.of(label, key))
                                        .value(value)
                                        .build()));
        families.add(gauges.build());
    }

    private void counter(String name, String help, long value) {
        families.add(
                CounterSnapshot.builder()
                        .name(name)
                        .help(help)
                        .dataPoint(CounterDataPointSnapshot.builder().value(value).build())
                        .build());
    }

    private void counters(String name, String help, String label, Map<String, Long> values) {
        CounterSnapshot.Builder counters = CounterSnapshot.builder().name(name).help(help);
        values.forEach(
                (key, value) ->
                        counters.dataPoint(
                                CounterDataPointSnapshot.builder()
                                        .labels(Labels.of(label, key))
                                        .value(value)
                                        .build()));
        families.add(counters.build());
    }

    private void histogram(String name, String help, DurationCounts counts) {
        List<Double> bounds =
                Stream.concat(DurationCounts.BOUNDS.stream(), Stream.of(Double.POSITIVE_INFINITY))
                        .toList();
        families.add(
                HistogramSnapshot.builder()
                        .name(name)
                        .help(help)
                        .dataPoint(
                                new HistogramDataPointSnapshot(
                                        ClassicHistogramBuckets.of(bounds, counts.counts()),
                                        counts.seconds(),
                                        Labels.EMPTY,
                                        Exemplars.EMPTY,
                                        0))
                        .build());
    }

    private byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, new MetricSnapshots(families));
        } catch (IOException e) {
            throw new UncheckedIOException("a stream in memory", e);
        }
        return out.toByteArray();
    }
}
