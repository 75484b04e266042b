package io.accrete.coordinator.finetune;

import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.StageAnswer;

import java.util.List;

/**
 * A checkpoint that stages have written and that may not be on the disk yet; the training may have
 * gone on meanwhile.
 *
 * @param state of then
 */
record OpenSave(int step, String folder, TrainState state) {

    /**
     * To be journaled.
     *
     * @param settled what all groups say
     */
    CourseEffect.Commit commit(List<StageAnswer> settled) {
        return new CourseEffect.Commit(
                new Checkpoint(step, folder, GroupAnswers.parts(settled)), state);
    }
}
