package io.accrete.local;

import java.util.Map;

/** Is told how a training goes on. */
public interface TrainListener {
    /**
     * What will be done.
     *
     * @param resumedAt steps that an earlier run has done
     */
    void begun(String model, long parameters, long trained, int stages, int steps, int resumedAt);

    /** A line of the metrics, as it stands in the file. */
    void figures(Map<String, ?> line);

    /** Something that a person should know, as a sentence. */
    void note(String sentence);
}
