package io.accrete.coordinator.merge;

import io.accrete.protocol.job.Problem;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A process that submits jobs without end and prints the identity of each once acknowledged. */
final class AcknowledgingProcess {
    private AcknowledgingProcess() {}

    public static void main(String[] folders) throws IOException {
        Path folder = Path.of(folders[0]);
        Problem refusal =
                new Problem(Problem.Severity.ERROR, "PLN-001", null, null, null, "no", "fix", null);
        try (RunningCoordinator coordinator =
                RunningCoordinator.start(
                        folder.resolve("journal"),
                        spec -> new Planner.Outcome(Optional.empty(), List.of(refusal)))) {
            for (int i = 0; ; i++) {
                Path output = folder.resolve("out-" + i);
                System.out.println(coordinator.submit(SmallPlan.spec(output, "recipe")).id());
            }
        }
    }
}
