package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.Inheritance;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Turns a job and the headers of its model into a plan, or into all that stands against it. */
public final class TrainPlanner {
    private final TrainRequest request;
    private final TrainJob job;

    private TrainPlanner(TrainRequest request) {
        this.request = request;
        job = request.parsed().job().orElseThrow();
    }

    /**
     * @throws java.util.NoSuchElementException if the request has no job
     */
    public static TrainOutcome plan(TrainRequest request) {
        return new TrainPlanner(request).run();
    }

    private TrainOutcome run() {
        ProblemLog log = new ProblemLog(JobReader.KIND, false);
        PlanChecks checks = new PlanChecks(request.parsed(), job, log);
        if (!checks.layersAreThere(request.model()) || !roundsAndStatesAreThere(checks)) {
            return outcome(List.of(), log.inOrder(), Optional.empty());
        }
        checks.growth(request.model());
        new CloneStarts(request.parsed(), job, log).check(request.model().as(job).lineage());
        checks.bar(request.parsed().baseline());
        Set<Problem> problems = new LinkedHashSet<>(log.inOrder());
        List<PlannedPhase> planned = new ArrayList<>();
        Optional<TrainReport> report = Optional.empty();
        List<TrainPhases.Phase> phases = TrainPhases.of(job, request.model());
        int steps = phases.stream().mapToInt(phase -> phase.steps().most()).sum();
        for (TrainPhases.Phase phase : phases) {
            double operations = report.map(TrainReport::operations).orElse(0.0);
            PhasePlanner.Planned found = new PhasePlanner(request, phase, steps, operations).run();
            problems.addAll(found.problems());
            report = found.report();
            if (found.plan().isEmpty()) {
                return outcome(List.of(), problems, report);
            }
            TrainPlan plan = found.plan().get();
            Optional<Inheritance> inheritance =
                    planned.isEmpty()
                            ? Optional.empty()
                            : Optional.of(phase.inheritance(planned.getLast().plan().parameters()));
            planned.add(
                    new PlannedPhase(
                            plan,
                            phase.steps(),
                            List.copyOf(request.model().as(plan.job()).tensors().values()),
                            inheritance));
        }
        return outcome(log.hasErrors() ? List.of() : planned, problems, report);
    }

    private boolean roundsAndStatesAreThere(PlanChecks checks) {
        TrainedModel model = request.model().as(job);
        boolean states = new HiddenChecks(checks, model, request.teacher()).areThere(job);
        return checks.roundsAreThere(request.model()) && states;
    }

    private List<String> remedies() {
        return Remedies.of(job, request.model(), request.parsed().baseline());
    }

    private List<String> known(TrainReport grown) {
        TrainedModel named = request.model();
        TrainedModel base = named.as(BaselineJob.of(job, named, OptionalInt.of(job.steps())));
        return GrowthAdvice.of(
                base.parameters(), base.layers(), grown.parameters(), grown.layers());
    }

    private TrainOutcome outcome(
            List<PlannedPhase> phases, Iterable<Problem> found, Optional<TrainReport> report) {
        List<Problem> problems = new ArrayList<>(request.parsed().problems());
        found.forEach(problems::add);
        return new TrainOutcome(
                phases, problems, report.map(own -> own.with(problems, remedies(), known(own))));
    }
}
