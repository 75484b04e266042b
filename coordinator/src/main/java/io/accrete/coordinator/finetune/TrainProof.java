package io.accrete.coordinator.finetune;

import io.accrete.coordinator.drive.OutputFolder;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.finetune.TrainPlanning.Prepared;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.Problem;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Proves that a training can be carried out: its plan, and its output.
 *
 * @param prepared the plan, if there is one
 * @param published the output already is the whole result
 * @param problems all of them
 */
public record TrainProof(Prepared prepared, boolean published, List<Problem> problems) {
    public TrainProof {
        problems = List.copyOf(problems);
    }

    /** Reads the job, its model's headers, and what stands at the output. */
    public static TrainProof of(JobSpec spec, Staging staging) throws IOException {
        OutputFolder output = OutputFolder.look(staging);
        Prepared prepared = TrainPlanning.prepare(spec);
        List<Problem> problems = new ArrayList<>(prepared.problems());
        boolean published =
                prepared.training().filter(t -> output.isResultOf(t.digest())).isPresent();
        if (!published) {
            problems.addAll(output.problems(staging, spec.options().overwrite(), "another result"));
        }
        return new TrainProof(prepared, published, problems);
    }

    public boolean refused() {
        return prepared.training().isEmpty() || problems.stream().anyMatch(Problem::isError);
    }
}
