package io.accrete.coordinator.finetune;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * What holds for all trainings of a coordinator.
 *
 * @param program what writes results, with its version
 * @param gather how long more workers are waited for than are there
 * @param atWork whether a job is at work that publishes to a path
 */
record TrainSetting(
        String program, Duration gather, Function<String, CompletionStage<Boolean>> atWork) {}
