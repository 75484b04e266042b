package io.accrete.coordinator.finetune;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainingFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The plan by which a training that has begun goes on over other stages. */
public final class AnotherCut {
    private static final int NAME_DIGITS = 16;

    private AnotherCut() {}

    /** Writes the plan beside the one of before, which stages may still read. */
    public static JobCommand.Recut of(
            JobSpec spec, PlannedTraining planned, Staging staging, List<Problem> warnings)
            throws IOException {
        TrainingFile file = TrainingFile.of(planned);
        String name = "plan-%s.json".formatted(file.sha256().substring(0, NAME_DIGITS));
        Path path = staging.cuts().resolve(name);
        DurableFiles.createFolder(staging.cuts());
        DurableFiles.write(path, file.json());
        return new JobCommand.Recut(
                spec,
                new JobCommand.AcceptTraining(
                        path.toString(),
                        file.sha256(),
                        planned.digest(),
                        planned.steps(),
                        planned.stages(),
                        planned.job().checkpointsKept(),
                        warnings));
    }
}
