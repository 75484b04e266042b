package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.TrainJob;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What reading a job file gave.
 *
 * @param job with defaults in place of what is wrong, so that its model can be looked at even when
 *     {@code problems} has errors; empty where it names none
 * @param baseline whether it is also, or only, about the model that does not grow
 * @param start where the job begins
 * @param places where values stand, by their keys joined by dots
 * @param problems in the order of the text
 */
public record ParsedJob(
        Optional<TrainJob> job,
        Baseline baseline,
        Position start,
        Map<String, Position> places,
        List<Problem> problems) {
    public ParsedJob {
        places = Map.copyOf(places);
        problems = List.copyOf(problems);
    }

    /**
     * What is carried out once the model is known: where that is the base alone, a growth that
     * cannot be is refused all the same, since it says how many steps there are.
     *
     * @param model that the job names, before its {@code sites}
     */
    public ParsedJob of(TrainedModel model) {
        if (job.isEmpty() || !(baseline instanceof Baseline.Only(OptionalInt steps))) {
            return this;
        }
        ProblemLog log = new ProblemLog(JobReader.KIND, false);
        PlanChecks checks = new PlanChecks(this, job.get(), log);
        if (checks.layersAreThere(model) && checks.roundsAreThere(model) && checks.growth(model)) {
            return with(BaselineJob.of(job.get(), model, steps), problems);
        }
        return with(job.get(), Stream.concat(problems.stream(), log.inOrder().stream()).toList());
    }

    private ParsedJob with(TrainJob carriedOut, List<Problem> all) {
        return new ParsedJob(Optional.of(carriedOut), new Baseline.None(), start, places, all);
    }

    /**
     * The job that its recipe stands for.
     *
     * @param model nothing if a training cannot start from that recipe
     * @param sites of the model
     * @param recipe where the job names it
     */
    public ParsedJob startingFrom(Optional<String> model, List<Integer> sites, Position recipe) {
        Map<String, Position> all = new TreeMap<>(places);
        all.put("model", recipe);
        all.put("sites", recipe);
        Optional<TrainJob> started =
                model.flatMap(name -> job.map(read -> read.startingFrom(name).withSites(sites)));
        return new ParsedJob(started, baseline, start, all, problems);
    }

    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }

    /** Where a value stands; where it is left to its default, its section or the start. */
    public Position at(String path) {
        Position known = places.get(path);
        int dot = path.lastIndexOf('.');
        return known != null ? known : dot < 0 ? start : at(path.substring(0, dot));
    }
}
