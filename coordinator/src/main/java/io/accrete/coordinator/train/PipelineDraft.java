package io.accrete.coordinator.train;

import io.accrete.protocol.train.PipelineSettings;
import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.StageMemory;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan.StagePlan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A cut of the model for a number of workers, with what it would take.
 *
 * @param seconds of each stage for a micro-batch
 * @param stepSeconds of a step, by simulation
 * @param bubble the share of the stages' time in which they wait
 */
record PipelineDraft(
        List<StagePlan> stages,
        PipelineSchedule schedule,
        boolean recompute,
        List<StageSeconds> seconds,
        double stepSeconds,
        double bubble) {

    /** Messages that an edge holds, as long as the schedule does not need more. */
    private static final int EDGE_DEPTH = 4;

    /** More micro-batches than this only repeat the steady state. */
    private static final int SIMULATED_ROUNDS = 8;

    /** The best cut that fits, if any does. */
    static Optional<PipelineDraft> of(
            TrainJob job, RangeCosts costs, List<DeviceModel> workers, boolean recompute) {
        Cut cut = new Cut(job, costs, workers);
        return StageCutter.cut(costs.sites(), cut.parts(), cut)
                .map(ranges -> cut.draft(ranges, recompute));
    }

    /** The cut whose fullest stage needs the least, whether or not it fits. */
    static Optional<List<StageMemory>> leastMemory(
            TrainJob job, RangeCosts costs, List<DeviceModel> workers) {
        Cut cut = new Cut(job, costs, workers);
        StageCutter.Parts byMemory =
                new StageCutter.Parts() {
                    @Override
                    public double seconds(int part, SiteRange sites) {
                        return (double) cut.memory(part, sites).total()
                                / cut.worker(part).memoryBytes();
                    }

                    @Override
                    public boolean fits(int part, SiteRange sites) {
                        return true;
                    }
                };
        return StageCutter.cut(costs.sites(), cut.parts(), byMemory)
                .map(ranges -> cut.stages(ranges).stream().map(StagePlan::memory).toList());
    }

    /** A teacher's states go behind the model's own. */
    private static int edgeDepth(TrainJob job, PipelineSchedule schedule) {
        return (job.distill().isPresent() ? 2 : 1) * schedule.edgeDepth();
    }

    /** Messages that an edge between two stages holds. */
    int edgeDepth(TrainJob job) {
        return edgeDepth(job, schedule);
    }

    private static final class Cut implements StageCutter.Parts {
        private final TrainJob job;
        private final RangeCosts costs;
        private final List<DeviceModel> workers;
        private final PipelineSchedule schedule;

        Cut(TrainJob job, RangeCosts costs, List<DeviceModel> workers) {
            this.job = job;
            this.costs = costs;
            this.workers = workers;
            PipelineSettings pipeline = job.pipeline();
            schedule =
                    new PipelineSchedule(
                            pipeline.schedule(),
                            workers.size(),
                            job.batch().accumulate(),
                            pipeline.slicesPerStage());
        }

        int parts() {
            return workers.size() * schedule.slices();
        }

        DeviceModel worker(int part) {
            return workers.get(part % workers.size());
        }

        @Override
        public double seconds(int part, SiteRange sites) {
            return (costs.forwardFlops(sites) + costs.backwardFlops(sites)) / worker(part).flops();
        }

        /** Each slice has its share of the memory of the worker. */
        @Override
        public boolean fits(int part, SiteRange sites) {
            return memory(part, sites).total() <= worker(part).memoryBytes() / schedule.slices();
        }

        StageMemory memory(int part, SiteRange sites) {
            int inFlight = schedule.inFlight(part % workers.size());
            int depth = workers.size() == 1 ? 0 : edgeDepth(job, schedule);
            return costs.memory(sites, Math.ceilDiv(inFlight, schedule.slices()), depth);
        }

        List<StagePlan> stages(List<SiteRange> ranges) {
            List<StagePlan> stages = new ArrayList<>();
            for (int stage = 0; stage < workers.size(); stage++) {
                List<SiteRange> slices = new ArrayList<>();
                StageMemory memory = StageMemory.NONE;
                for (int part = stage; part < ranges.size(); part += workers.size()) {
                    slices.add(ranges.get(part));
                    memory = memory.plus(memory(part, ranges.get(part)));
                }
                stages.add(new StagePlan(slices, memory, schedule.of(stage)));
            }
            return stages;
        }

        PipelineDraft draft(List<SiteRange> ranges, boolean recompute) {
            List<StagePlan> stages = stages(ranges);
            List<StageSeconds> seconds = new ArrayList<>();
            for (int stage = 0; stage < stages.size(); stage++) {
                double flops = workers.get(stage).flops();
                List<SiteRange> slices = stages.get(stage).slices();
                seconds.add(
                        new StageSeconds(
                                slices.stream().map(s -> costs.forwardFlops(s) / flops).toList(),
                                slices.stream().map(s -> costs.backwardFlops(s) / flops).toList()));
            }
            int simulated = Math.min(schedule.microBatches(), SIMULATED_ROUNDS * schedule.stages());
            PipelineTimeline timeline =
                    PipelineSimulation.run(
                                    new PipelineSchedule(
                                            schedule.kind(),
                                            schedule.stages(),
                                            simulated,
                                            schedule.slices()),
                                    seconds,
                                    0,
                                    Math.max(EDGE_DEPTH, schedule.edgeDepth()))
                            .orElseThrow(() -> new IllegalStateException(schedule + " halts"));
            double busy = seconds.stream().mapToDouble(StageSeconds::sum).sum();
            double slowest = seconds.stream().mapToDouble(StageSeconds::sum).max().orElse(0);
            double step = timeline.seconds() + (schedule.microBatches() - simulated) * slowest;
            double waiting = 1 - busy * schedule.microBatches() / (stages.size() * step);
            return new PipelineDraft(
                    stages, schedule, recompute, seconds, step, Math.max(0, waiting));
        }
    }
}
