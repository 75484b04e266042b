package io.accrete.cli;

import io.accrete.coordinator.plan.PlanReport;
import io.accrete.coordinator.train.TrainReport;
import io.accrete.protocol.job.Problem;

import java.util.List;

/** Plans, for people or for programs. */
final class PlanPrinter {
    private final Surroundings surroundings;
    private final OutputOptions output;

    PlanPrinter(Surroundings surroundings, OutputOptions output) {
        this.surroundings = surroundings;
        this.output = output;
    }

    void print(PlanReport report) {
        if (output.json()) {
            new JsonLines(surroundings.out()).write(report);
        } else if (report.ok()) {
            PlanText.lines(report, surroundings.outHasColour(), output.verbose())
                    .forEach(surroundings.out()::println);
        }
    }

    void print(TrainReport report) {
        if (output.json()) {
            new JsonLines(surroundings.out()).write(report);
        } else {
            TrainPlanText.lines(report).forEach(surroundings.out()::println);
        }
    }

    void print(List<Problem> problems) {
        problems.forEach(problem -> surroundings.err().print(problem.render()));
    }
}
