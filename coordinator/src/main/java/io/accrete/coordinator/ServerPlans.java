package io.accrete.coordinator;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.drive.PublishedBy;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.finetune.BaselineSpec;
import io.accrete.coordinator.finetune.TrainProof;
import io.accrete.coordinator.job.FigureQuery;
import io.accrete.coordinator.job.JobHistory;
import io.accrete.coordinator.job.JobPlans;
import io.accrete.coordinator.job.JobState;
import io.accrete.coordinator.job.JobsException;
import io.accrete.coordinator.job.JobsException.Kind;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.merge.MergeProof;
import io.accrete.coordinator.merge.Planner;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.protocol.http.FigurePage;
import io.accrete.protocol.http.PlanResource;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.store.StorageFailure;
import io.accrete.protocol.train.TrainingFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Plans of a server's jobs, made and read on the node that is asked. */
public final class ServerPlans implements JobPlans {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPlans.class);

    /** Reading headers costs memory and a thread. */
    private static final int PLANS_MAX = 4;

    /** A page of figures has some megabytes. */
    private static final int READINGS_MAX = 16;

    private final ActorSystem<?> system;
    private final JobHistory history;
    private final long diskReserve;
    private final BoundedWork planning;
    private final BoundedWork reading;

    private ServerPlans(ActorSystem<?> system, JobHistory history, long diskReserve) {
        this.system = system;
        this.history = history;
        this.diskReserve = diskReserve;
        Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
        this.planning = new BoundedWork("makes plans", PLANS_MAX, blocking);
        this.reading = new BoundedWork("reads figures", READINGS_MAX, blocking);
    }

    public static ServerPlans of(ActorSystem<?> system) {
        CoordinatorSettings settings = CoordinatorSettings.from(system.settings().config());
        return new ServerPlans(system, JobHistory.of(system), settings.diskReserve());
    }

    @Override
    public Optional<JobSpec> beforehand(JobSpec spec) {
        return BaselineSpec.beforehand(spec);
    }

    @Override
    public CompletionStage<Trial> tryOut(JobSpec spec) {
        return planning.begin(() -> trial(spec));
    }

    @Override
    public CompletionStage<PlanResource> of(String job) {
        return history.state(job, system)
                .thenCompose(
                        found -> {
                            JobState state = found.orElseThrow(() -> JobsException.noSuchJob(job));
                            return planning.begin(() -> plan(state));
                        });
    }

    @Override
    public CompletionStage<FigurePage> figures(JobView job, FigureQuery query) {
        return reading.begin(
                () -> {
                    try {
                        return FigureFile.read(metrics(job), query);
                    } catch (NoSuchFileException none) {
                        return new FigurePage(List.of(), OptionalInt.empty());
                    }
                });
    }

    private static Path metrics(JobView job) throws IOException {
        Staging staging = Staging.of(Path.of(job.output()));
        return job.phase() == JobPhase.SUCCEEDED
                ? staging.output().resolve(staging.metrics().getFileName())
                : staging.metrics();
    }

    private Trial trial(JobSpec spec) {
        try {
            Staging staging = Staging.of(Path.of(spec.output()));
            return switch (spec.kind()) {
                case MERGE -> merge(spec, staging);
                case TRAIN -> training(spec, staging);
                case EXPORT ->
                        throw new IllegalArgumentException("an export has no plan to try out");
            };
        } catch (IOException e) {
            return new Trial(
                    Optional.empty(),
                    List.of(
                            Problem.error(
                                    "STO-213",
                                    spec.output(),
                                    "the output cannot be looked at: " + StorageFailure.sentence(e),
                                    "choose an output that can be written")));
        }
    }

    private Trial merge(JobSpec spec, Staging staging) throws IOException {
        PlanOutcome outcome = MergePlanning.plan(spec);
        MergeProof proof = new MergeProof(spec, staging, diskReserve);
        return switch (proof.of(new Planner.Outcome(outcome.plan(), outcome.problems()))) {
            case MergeProof.Refused(List<Problem> problems) ->
                    new Trial(Optional.empty(), problems);
            case MergeProof.Published published ->
                    new Trial(outcome.report().map(report -> report), outcome.problems());
            case MergeProof.Proven(MergePlan plan, List<Problem> warnings) ->
                    new Trial(outcome.report().map(report -> report.with(warnings)), warnings);
        };
    }

    private static Trial training(JobSpec spec, Staging staging) throws IOException {
        TrainProof proof = TrainProof.of(spec, staging);
        return proof.refused()
                ? new Trial(Optional.empty(), proof.problems())
                : new Trial(
                        proof.prepared().report().map(report -> report.with(proof.problems())),
                        proof.problems());
    }

    private static PlanResource plan(JobState job) {
        if (job.plan().isPresent()) {
            return merge(job, job.plan().get());
        }
        if (job.training().isPresent()) {
            return training(job, job.training().get().plan());
        }
        throw missing(
                "job %s has no plan: it is %s, %s".formatted(job.id(), job.phase(), job.reason()));
    }

    private static PlanResource merge(JobState job, JobEvent.Planned planned) {
        Optional<MergePlan> plan =
                ifThere(planned.file(), file -> PlanFile.read(file, planned.sha256()));
        return new PlanResource(
                job.id(),
                job.spec().kind(),
                planned.digest(),
                Optional.of(planned.model()),
                Optional.empty(),
                Optional.empty(),
                planned.warnings(),
                plan.map(ServerPlans::shards).orElse(List.of()),
                plan.map(MergePlan::sites).orElseGet(() -> published(job, planned.digest())));
    }

    private static PlanResource training(JobState job, JobEvent.TrainingPlanned planned) {
        Optional<List<Site>> sites =
                ifThere(planned.file(), file -> TrainingFile.read(file, planned.sha256()))
                        .map(plan -> plan.last().plan().sites());
        return new PlanResource(
                job.id(),
                job.spec().kind(),
                planned.digest(),
                Optional.empty(),
                Optional.of(planned.steps()),
                Optional.of(planned.stages()),
                planned.warnings(),
                List.of(),
                sites.orElseGet(() -> published(job, planned.digest())));
    }

    private static List<PlanResource.Shard> shards(MergePlan plan) {
        return plan.shards().stream()
                .map(
                        shard ->
                                new PlanResource.Shard(
                                        shard.file(), shard.bytes(), shard.tensors().size()))
                .toList();
    }

    /** Reads a file that a job names. */
    @FunctionalInterface
    private interface Reader<T> {
        T read(Path file) throws IOException;
    }

    /** The staging folder goes with the end of the job, while this looks too. */
    private static <T> Optional<T> ifThere(String name, Reader<T> reader) {
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(reader.read(file));
        } catch (IOException e) {
            LOG.info("the plan {} cannot be read: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** As the result tells, if it is still there and still this job's. */
    private static List<Site> published(JobState job, String digest) {
        Path output = Path.of(job.spec().output());
        try {
            Optional<JsonNode> told =
                    PublishedBy.read(output)
                            .filter(json -> json.path("job").asText().equals(digest));
            return told.isEmpty()
                    ? List.of()
                    : LineageFile.read(output, told.get().path("sites").size())
                            .map(Lineage::sites)
                            .orElse(List.of());
        } catch (IOException e) {
            LOG.info("the result {} cannot be read: {}", output, e.getMessage());
            return List.of();
        }
    }

    private static JobsException missing(String sentence) {
        return new JobsException(Kind.MISSING, sentence, null);
    }
}
