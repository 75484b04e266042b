package io.accrete.coordinator.train;

import io.accrete.protocol.train.PipelineSettings.Schedule;
import io.accrete.protocol.train.StageAction;
import io.accrete.protocol.train.StageAction.Pass;

import java.util.ArrayList;
import java.util.List;

/**
 * What each stage does in a step, in which order. For each slice backward passes come in ascending
 * order of micro-batches, so that sums of gradients do not depend on the schedule.
 *
 * @param slices on each stage; more than 1 only for {@code INTERLEAVED}
 */
public record PipelineSchedule(Schedule kind, int stages, int microBatches, int slices) {
    public PipelineSchedule {
        if (stages < 1 || microBatches < 1 || slices < 1) {
            throw new IllegalArgumentException(
                    "a schedule of %d stages, %d micro-batches, %d slices"
                            .formatted(stages, microBatches, slices));
        }
        if (slices > 1 && kind != Schedule.INTERLEAVED) {
            throw new IllegalArgumentException(kind + " has one slice on each stage");
        }
    }

    /** The actions of a stage, in order. */
    public List<StageAction> of(int stage) {
        List<StageAction> forward = passes(Pass.FORWARD);
        List<StageAction> backward = passes(Pass.BACKWARD);
        int ahead = ahead(stage);
        List<StageAction> actions = new ArrayList<>(forward.subList(0, ahead));
        for (int i = ahead; i < forward.size(); i++) {
            actions.add(forward.get(i));
            actions.add(backward.get(i - ahead));
        }
        actions.addAll(backward.subList(forward.size() - ahead, forward.size()));
        return actions;
    }

    /** How many passes of one micro-batch through one slice a stage has in flight at most. */
    public int inFlight(int stage) {
        return Math.min(ahead(stage) + 1, microBatches * slices);
    }

    /** The share of the stages' time in which they wait, if all take the same time. */
    public double bubbleOfEvenStages() {
        return (stages - 1.0) / ((double) slices * microBatches + stages - 1);
    }

    /** Messages that each edge has to hold so that the stages never come to a halt. */
    public int edgeDepth() {
        return slices == 1 ? 1 : Math.max(1, groups().getFirst() - stages + 1);
    }

    /** Forward passes of a stage before its forward and backward passes take turns. */
    private int ahead(int stage) {
        int all = microBatches * slices;
        int before =
                switch (kind) {
                    case GPIPE -> all;
                    case ONE_F_ONE_B -> stages - 1 - stage;
                    case INTERLEAVED ->
                            slices == 1
                                    ? stages - 1 - stage
                                    : 2 * (stages - 1 - stage) + (slices - 1) * groups().getFirst();
                };
        return Math.min(before, all);
    }

    /**
     * Micro-batches that go through all slices together, the larger groups first: as many groups as
     * have at least a micro-batch for each stage.
     */
    private List<Integer> groups() {
        int count = slices == 1 ? 1 : Math.max(1, microBatches / stages);
        List<Integer> groups = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            groups.add(microBatches / count + (i < microBatches % count ? 1 : 0));
        }
        return groups;
    }

    /** All passes of one direction in the order that all stages share. */
    private List<StageAction> passes(Pass pass) {
        List<StageAction> passes = new ArrayList<>(microBatches * slices);
        int first = 0;
        for (int group : groups()) {
            for (int i = 0; i < slices; i++) {
                int slice = pass == Pass.FORWARD ? i : slices - 1 - i;
                for (int microBatch = first; microBatch < first + group; microBatch++) {
                    passes.add(new StageAction(pass, microBatch, slice));
                }
            }
            first += group;
        }
        return passes;
    }
}
