package io.accrete.coordinator.train;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.TrainPlan;

import java.util.List;
import java.util.Optional;

/**
 * What came of planning a training.
 *
 * @param plan empty if there are errors
 * @param report for people and programs; empty where not even the model is known
 */
public record TrainOutcome(
        Optional<TrainPlan> plan, List<Problem> problems, Optional<TrainReport> report) {
    public TrainOutcome {
        problems = List.copyOf(problems);
    }

    public boolean ok() {
        return problems.stream().noneMatch(Problem::isError);
    }
}
