package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.util.List;

/**
 * What is done about a loss or a gradient that stands out from those before it.
 *
 * @param z robust deviations from the median above which a step is a spike
 * @param then what is done, the next where one did not help
 */
public record SpikeSettings(double z, List<Action> then) {
    public SpikeSettings {
        then = List.copyOf(then);
    }

    /** What can be done. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "action")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Action.Skip.class, name = "skip"),
        @JsonSubTypes.Type(value = Action.Rollback.class, name = "rollback"),
        @JsonSubTypes.Type(value = Action.Pause.class, name = "pause")
    })
    public sealed interface Action {
        /** The step's gradients are dropped. */
        record Skip() implements Action {}

        /**
         * The training goes back.
         *
         * @param steps at least; to the newest checkpoint that is as old
         * @param rate by which the learning rate is multiplied from then on
         * @param skipData whether the rows in between are left out, or seen again
         */
        record Rollback(int steps, double rate, boolean skipData) implements Action {}

        /** The job waits for somebody. */
        record Pause() implements Action {}
    }
}
