package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.PipelineSettings.Activations;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Plans one phase of a job, or finds all that stands against it. */
final class PhasePlanner {
    private final TrainRequest request;
    private final TrainPhases.Phase phase;
    private final TrainJob job;
    private final int steps;
    private final double operationsBefore;
    private final ProblemLog log = new ProblemLog(JobReader.KIND, false);
    private final PlanChecks checks;

    /**
     * @param steps of all phases
     * @param operationsBefore of all phases before
     */
    PhasePlanner(
            TrainRequest request, TrainPhases.Phase phase, int steps, double operationsBefore) {
        this.operationsBefore = operationsBefore;
        this.request = request;
        this.phase = phase;
        this.steps = steps;
        job = phase.job();
        checks = new PlanChecks(request.parsed(), job, log);
    }

    /**
     * What came of it.
     *
     * @param plan empty if there are errors
     * @param problems those of the job's text not among them
     */
    record Planned(
            Optional<TrainPlan> plan, List<Problem> problems, Optional<TrainReport> report) {}

    Planned run() {
        TrainedModel plain = request.model().as(job);
        AddedParameters added = AddedRules.of(job, plain.lineage());
        ZeroBranches zero = new ZeroBranches(phase.zeroSites());
        if (!checks.canTake(plain, added, zero)) {
            return new Planned(Optional.empty(), log.inOrder(), Optional.empty());
        }
        TrainedModel model = plain.with(added);
        List<ParameterSettings> parameters =
                ParameterTable.of(job, model.architecture(), model.lineage(), model.shapes());
        checks.run(model, parameters, zero);
        new HiddenChecks(checks, plain, request.teacher())
                .canMove(job, request.parsed().job().orElseThrow(), parameters);
        Optional<ModelCost> cost =
                CostModel.of(job, model, parameters)
                        .map(own -> TeacherCost.added(job, model, request.teacher(), own));
        if (cost.isEmpty()) {
            checks.error(
                    PlanFault.NO_LLAMA,
                    "model",
                    "config.json does not say all sizes of a Llama: hidden, heads, MLP, vocabulary",
                    "only models of the Llama family can be trained");
        }
        Optional<PipelineDraft> draft =
                cost.isPresent() && countIsPossible(model) ? best(cost.get()) : Optional.empty();
        List<String> advice =
                draft.isPresent()
                        ? TrainAdvice.toBeFaster(draft.get())
                        : cost.filter(_ -> !log.hasErrors())
                                .map(known -> refuse(model, known))
                                .orElse(List.of());
        List<Problem> problems = log.inOrder();
        return new Planned(
                draft.filter(_ -> !log.hasErrors())
                        .map(found -> plan(model, added, parameters, found)),
                problems,
                Optional.of(
                        ReportMaker.report(
                                job,
                                steps,
                                operationsBefore + cost.map(this::operations).orElse(0.0),
                                model,
                                parameters,
                                draft,
                                request.workers(),
                                problems,
                                advice)));
    }

    private double operations(ModelCost cost) {
        double microBatch =
                cost.sites().stream().mapToDouble(c -> c.forwardFlops() + c.backwardFlops()).sum();
        return microBatch * job.batch().accumulate() * phase.steps().most();
    }

    private TrainPlan plan(
            TrainedModel model,
            AddedParameters added,
            List<ParameterSettings> parameters,
            PipelineDraft draft) {
        return new TrainPlan(
                job,
                model.lineage().sites(),
                phase.layers(),
                phase.branchFactors(),
                added,
                parameters,
                draft.stages(),
                draft.recompute(),
                draft.edgeDepth(job));
    }

    private boolean countIsPossible(TrainedModel model) {
        OptionalInt stages = job.pipeline().stages();
        int slices = job.pipeline().slicesPerStage();
        int least = stages.orElse(1);
        if ((long) least * slices > model.layers()) {
            checks.error(
                    PlanFault.TOO_MANY_STAGES,
                    slices > 1 ? "pipeline.slices_per_stage" : "pipeline.stages",
                    "%d stages of %d slices need at least %d layers; the model has %d"
                            .formatted(least, slices, (long) least * slices, model.layers()),
                    "write `stages: %d` or less".formatted(Math.max(1, model.layers() / slices)));
            return false;
        }
        if (least > request.workers().size()) {
            checks.error(
                    PlanFault.TOO_FEW_WORKERS,
                    "pipeline.stages",
                    "%d stages need %d workers; there are %d"
                            .formatted(least, least, request.workers().size()),
                    "start more workers, or write `stages: auto`");
            return false;
        }
        return true;
    }

    /** The fastest draft that fits; of equally fast ones the one with the fewest stages. */
    private Optional<PipelineDraft> best(ModelCost cost) {
        int most =
                Math.min(
                        request.workers().size(),
                        cost.sites().size() / job.pipeline().slicesPerStage());
        IntStream counts =
                job.pipeline().stages().isPresent()
                        ? IntStream.of(job.pipeline().stages().getAsInt())
                        : IntStream.rangeClosed(1, most);
        return counts.mapToObj(count -> draft(job, cost, request.workers().subList(0, count)))
                .flatMap(Optional::stream)
                .min(Comparator.comparingDouble(PipelineDraft::stepSeconds));
    }

    /** The best cut for exactly these workers; activations are kept where that fits. */
    static Optional<PipelineDraft> draft(TrainJob job, ModelCost cost, List<DeviceModel> workers) {
        Optional<PipelineDraft> kept =
                job.pipeline().activations() == Activations.RECOMPUTE
                        ? Optional.empty()
                        : PipelineDraft.of(job, new RangeCosts(cost, false), workers, false);
        return kept.isPresent() || job.pipeline().activations() == Activations.KEEP
                ? kept
                : PipelineDraft.of(job, new RangeCosts(cost, true), workers, true);
    }

    private List<String> refuse(TrainedModel model, ModelCost cost) {
        TrainAdvice advice =
                new TrainAdvice(job, model, request.teacher(), cost, request.workers());
        List<String> ways = advice.toFit();
        checks.error(
                PlanFault.DOES_NOT_FIT,
                job.pipeline().stages().isPresent() ? "pipeline.stages" : "pipeline",
                advice.shortage(),
                ways.isEmpty() ? "take a smaller model" : ways.getFirst());
        return ways;
    }
}
