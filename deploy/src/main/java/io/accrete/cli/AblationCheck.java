package io.accrete.cli;

import io.accrete.coordinator.finetune.BaselineSpec;
import io.accrete.coordinator.train.Baseline;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.TrainOutcome;
import io.accrete.coordinator.train.TrainReport;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.TrainJob;
import io.accrete.remote.ServerException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All variants of an ablation before any is trained: each has a plan, and what reads another number
 * of tokens cannot be compared.
 */
final class AblationCheck {
    private final List<Problem> problems = new ArrayList<>();
    private Optional<Long> tokens = Optional.empty();

    private AblationCheck() {}

    /** How a variant would be carried out. */
    interface Plans {
        Planned of(AblationRun run)
                throws IOException, Refusal, ServerException, InterruptedException;
    }

    /**
     * @param report where the model is known: how many rounds a growth has may depend on it
     */
    record Planned(List<Problem> problems, Optional<TrainReport> report) {
        static Planned of(TrainOutcome outcome) {
            return new Planned(outcome.problems(), outcome.report());
        }
    }

    /**
     * @throws Refusal with all that stands against any of them
     */
    static void refuse(List<AblationRun> runs, Plans plans)
            throws IOException, Refusal, ServerException, InterruptedException {
        AblationCheck check = new AblationCheck();
        check.bars(runs);
        for (AblationRun run : runs) {
            Planned planned = plans.of(run);
            check.problems.addAll(planned.problems());
            if (planned.report().isPresent()
                    && planned.problems().stream().noneMatch(Problem::isError)) {
                check.compare(run, planned.report().get().steps());
            }
        }
        if (check.problems.stream().anyMatch(Problem::isError)) {
            throw new Refusal(PlanCommand.exitCode(check.problems), check.problems);
        }
    }

    /** The base that a variant has trained as its bar stands beside it, where another may stand. */
    private void bars(List<AblationRun> runs) {
        Set<String> folders = runs.stream().map(AblationRun::folder).collect(Collectors.toSet());
        for (AblationRun run : runs) {
            String bar = BaselineSpec.output(Path.of(run.folder())).toString();
            if (folders.contains(bar)
                    && JobReader.read(run.name(), run.text()).baseline() instanceof Baseline.Also) {
                problems.add(
                        Problem.error(
                                "TRN-014",
                                run.name(),
                                "its base is trained into '%s', which is the folder of another variant"
                                        .formatted(bar),
                                "give that variant another name, or write `baseline: false`"));
            }
        }
    }

    private void compare(AblationRun run, int steps) {
        long own = tokens(JobReader.read(run.name(), run.text()).job().orElseThrow(), steps);
        if (own != tokens.orElse(own)) {
            problems.add(
                    Problem.error(
                            "TRN-014",
                            run.name(),
                            "it reads %,d tokens and the first variant %,d: the two cannot"
                                            .formatted(own, tokens.get())
                                    + " be compared",
                            "change `steps` too, so that steps x batch x sequence_length is the"
                                    + " same; a growth has the steps of all its rounds"));
        }
        tokens = tokens.or(() -> Optional.of(own));
    }

    private static long tokens(TrainJob job, int steps) {
        return (long) steps
                * job.batch().microBatch()
                * job.batch().accumulate()
                * job.data().sequenceLength();
    }
}
