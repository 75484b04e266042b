package io.accrete.local;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.TrainPlan.StagePlan;

import java.util.List;

/** Is told how a training goes on. Called by the thread of the run. */
public interface TrainListener {
    /**
     * Nothing is wrong with the job; it starts now.
     *
     * @param parameters numbers that the model has while it is trained
     * @param trained how many of them learn
     */
    void planned(
            String model,
            long parameters,
            long trained,
            int stages,
            int steps,
            List<Problem> warnings);

    /**
     * How the model is cut, where it is so from the first step to the last.
     *
     * @param stages in the order in which a micro-batch goes through them
     */
    default void cut(List<StagePlan> stages) {}

    /**
     * It goes on from what an earlier run has done.
     *
     * @param step the last one that is not done again
     */
    void resumed(int step);

    /**
     * Its own steps are done, and its base is trained on the same text: figures are that job's from
     * now on.
     */
    default void beside(String folder, int steps) {}

    /** A line of the metrics. */
    void figures(JsonNode line);

    /** Something that a person should know, as a sentence. */
    void note(String sentence);
}
