package io.accrete.coordinator.train;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan.StagePlan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts a draft into the words of a report. */
final class ReportMaker {
    /** Master and two moments of each element, in float32. */
    private static final int STATE_BYTES = 12;

    private ReportMaker() {}

    static TrainReport report(
            TrainJob job,
            int steps,
            double operations,
            TrainedModel model,
            List<ParameterSettings> parameters,
            Optional<PipelineDraft> draft,
            List<DeviceModel> workers,
            List<Problem> problems,
            List<String> advice) {
        long trained = 0;
        for (ParameterSettings parameter : parameters) {
            TensorSpec spec = model.tensors().get(parameter.name());
            trained += parameter.trained() && spec != null ? spec.shape().elements() : 0;
        }
        long tokensPerStep =
                (long) job.batch().microBatch()
                        * job.batch().accumulate()
                        * job.data().sequenceLength();
        long checkpoint = STATE_BYTES * trained;
        // The one being written, and the best where it is none of the latest.
        int more = job.output().which() == OutputSettings.Which.BEST ? 2 : 1;
        return new TrainReport(
                "train",
                problems.stream().noneMatch(Problem::isError),
                problems,
                model.architecture().name(),
                model.layers(),
                model.lineage().sites(),
                model.parameters(),
                trained,
                model.weightsPresent(),
                steps,
                tokensPerStep,
                tokensPerStep * steps,
                operations,
                checkpoint,
                checkpoint * ((long) job.checkpointsKept() + more),
                model.parameters() * job.output().dtype().bits() / Byte.SIZE,
                draft.map(found -> pipeline(steps, found, workers, tokensPerStep)).orElse(null),
                List.of(),
                advice);
    }

    private static TrainReport.Pipeline pipeline(
            int steps, PipelineDraft draft, List<DeviceModel> workers, long tokensPerStep) {
        PipelineSchedule schedule = draft.schedule();
        int stages = schedule.stages();
        double split = ZeroBubble.stepSeconds(draft.seconds(), schedule.microBatches());
        double busy = draft.seconds().stream().mapToDouble(StageSeconds::sum).sum();
        return new TrainReport.Pipeline(
                JobSection.word(schedule.kind()),
                schedule.slices(),
                schedule.microBatches(),
                draft.recompute() ? "recompute" : "keep",
                stages(draft, workers),
                draft.bubble(),
                schedule.bubbleOfEvenStages(),
                Math.max(0, 1 - busy * schedule.microBatches() / (stages * split)),
                draft.stepSeconds(),
                tokensPerStep / draft.stepSeconds(),
                draft.stepSeconds() * steps);
    }

    private static List<TrainReport.Stage> stages(PipelineDraft draft, List<DeviceModel> workers) {
        List<TrainReport.Stage> stages = new ArrayList<>();
        for (StagePlan stage : draft.stages()) {
            int number = stages.size();
            StageSeconds seconds = draft.seconds().get(number);
            stages.add(
                    new TrainReport.Stage(
                            number,
                            stage.slices().stream().map(SiteRange::toString).toList(),
                            stage.memory(),
                            stage.memory().total(),
                            workers.get(number).memoryBytes(),
                            seconds.forward().stream().mapToDouble(Double::doubleValue).sum(),
                            seconds.backward().stream().mapToDouble(Double::doubleValue).sum()));
        }
        return stages;
    }
}
