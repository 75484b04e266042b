package io.accrete.coordinator.finetune;

import io.accrete.protocol.train.SampleText;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.StageAnswer;

import java.util.ArrayList;
import java.util.List;

/**
 * What follows from a look at the model as it is: its loss on the texts that are held back, and how
 * it goes on from beginnings.
 *
 * @param lines of the metrics
 */
record JudgedLook(TrainState after, List<String> lines) {
    /** Whether a job wants its model to be looked at on the way. */
    static boolean isAsked(TrainJob job) {
        return !job.data().validation().isEmpty() || !job.monitor().sample().isEmpty();
    }

    static JudgedLook of(Standing standing, int step, List<StageAnswer> all) {
        List<String> lines = new ArrayList<>();
        TrainState after = standing.state();
        GroupAnswers.Validation found = GroupAnswers.validation(all);
        if (found.tokens() > 0) {
            String line = MetricsLine.ofValidation(step, found.mean(), found.tokens());
            lines.add(line);
            after = standing.validated(found.mean(), MetricsLine.bytes(line));
        }
        for (SampleText sample : ((StageAnswer.Scored) all.getFirst()).samples()) {
            String line = MetricsLine.ofSample(step, sample);
            lines.add(line);
            after = after.afterLines(MetricsLine.bytes(line));
        }
        return new JudgedLook(after, lines);
    }
}
