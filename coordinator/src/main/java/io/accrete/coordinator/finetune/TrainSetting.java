package io.accrete.coordinator.finetune;

import java.time.Duration;

/**
 * What holds for all trainings of a coordinator.
 *
 * @param program what writes results, with its version
 * @param gather how long more workers are waited for than are there
 */
record TrainSetting(String program, Duration gather, OtherJobs others) {}
