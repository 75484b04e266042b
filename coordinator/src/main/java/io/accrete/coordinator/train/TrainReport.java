package io.accrete.coordinator.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.train.StageMemory;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Stream;

/**
 * Everything that is known of a training before it begins, as {@code accrete plan} shows it. Its
 * JSON is a contract; see {@code docs/job-files.md}.
 *
 * @param trainedParameters elements that learn; tied ones once
 * @param tokens of all steps
 * @param operations of all steps of all rounds, without what is computed again
 * @param pipeline absent where nothing fits
 * @param remedies what is done beyond plain fine-tuning, as sentences
 * @param advice what would help, and what is known about such a growth, as sentences
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainReport(
        String kind,
        boolean ok,
        List<Problem> problems,
        String architecture,
        int layers,
        List<Site> sites,
        long parameters,
        long trainedParameters,
        boolean weightsPresent,
        int steps,
        long tokensPerStep,
        long tokens,
        double operations,
        long checkpointBytes,
        long checkpointDiskBytes,
        long outputBytes,
        @Nullable Pipeline pipeline,
        List<String> remedies,
        List<String> advice) {
    public TrainReport {
        remedies = List.copyOf(remedies);
        problems = List.copyOf(problems);
        sites = List.copyOf(sites);
        advice = List.copyOf(advice);
    }

    /** The same with all problems that there are. */
    public TrainReport with(List<Problem> all) {
        return with(all, remedies, List.of());
    }

    /**
     * The same with all problems that there are.
     *
     * @param does what the whole job does for its model
     * @param known of such a growth
     */
    TrainReport with(List<Problem> all, List<String> does, List<String> known) {
        return new TrainReport(
                kind,
                all.stream().noneMatch(Problem::isError),
                all,
                architecture,
                layers,
                sites,
                parameters,
                trainedParameters,
                weightsPresent,
                steps,
                tokensPerStep,
                tokens,
                operations,
                checkpointBytes,
                checkpointDiskBytes,
                outputBytes,
                pipeline,
                does,
                Stream.concat(advice.stream(), known.stream()).toList());
    }

    /**
     * @param activations {@code keep} or {@code recompute}
     * @param bubble the share of the stages' time in which they wait, by simulation
     * @param bubbleOfEvenStages by the formula of the literature
     * @param bubbleIfSplit with backward passes split in two, which does not run
     * @param seconds of all steps, as modelled
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Pipeline(
            String schedule,
            int slicesPerStage,
            int microBatches,
            String activations,
            List<Stage> stages,
            double bubble,
            double bubbleOfEvenStages,
            double bubbleIfSplit,
            double stepSeconds,
            double tokensPerSecond,
            double seconds) {
        public Pipeline {
            stages = List.copyOf(stages);
        }
    }

    /**
     * @param sites one range for each slice, for example {@code 0..4}
     * @param workerBytes what its worker has
     * @param forwardSeconds of a micro-batch
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Stage(
            int stage,
            List<String> sites,
            StageMemory memory,
            long memoryBytes,
            long workerBytes,
            double forwardSeconds,
            double backwardSeconds) {
        public Stage {
            sites = List.copyOf(sites);
        }
    }
}
