package io.accrete.coordinator.finetune;

import io.accrete.protocol.train.TrainState;

/**
 * A checkpoint that stages have written and that may not be on the disk yet; the training may have
 * gone on meanwhile.
 *
 * @param state of then
 */
record OpenSave(int step, String folder, TrainState state) {}
