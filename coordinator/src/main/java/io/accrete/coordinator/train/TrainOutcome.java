package io.accrete.coordinator.train;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.PlannedPhase;

import java.util.List;
import java.util.Optional;

/**
 * What came of planning a training.
 *
 * @param phases empty if there are errors
 * @param report on the last phase, for people and programs; empty where not even the model is known
 */
public record TrainOutcome(
        List<PlannedPhase> phases, List<Problem> problems, Optional<TrainReport> report) {
    public TrainOutcome {
        phases = List.copyOf(phases);
        problems = List.copyOf(problems);
    }

    public boolean ok() {
        return problems.stream().noneMatch(Problem::isError);
    }
}
