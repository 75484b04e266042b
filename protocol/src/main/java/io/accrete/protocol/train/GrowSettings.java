package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.util.List;
import java.util.OptionalInt;

/** Growth in rounds: each inserts copies of sites, and trains until nothing more is gained. */
public record GrowSettings(Rounds rounds, Plateau plateau) {

    /** Which sites are copied in which round. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rounds")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Rounds.Listed.class, name = "listed"),
        @JsonSubTypes.Type(value = Rounds.Ordered.class, name = "ordered")
    })
    public sealed interface Rounds {
        record Listed(List<Round> rounds) implements Rounds {
            public Listed {
                rounds = List.copyOf(rounds);
            }
        }

        /**
         * Sites in an order, each once before any is copied again.
         *
         * @param add sites in each round
         * @param until layers at the end
         */
        record Ordered(Order order, int add, int until) implements Rounds {}
    }

    public enum Order {
        /** From the middle of the model to its ends, in turns. */
        MIDDLE_OUT,
        /** From the last layer to the first. */
        TOP_DOWN
    }

    /**
     * @param afterSite that is copied, counted in the model as it is before this round; the copy
     *     stands right after it
     * @param steps at most; as many as the job says if empty
     */
    public record Round(int afterSite, OptionalInt steps) {}

    /**
     * When a round has brought what it can: the best validation loss of the last {@code patience}
     * validations is not better by {@code delta} (a share of it) than the best one before.
     *
     * @param minimumSteps that a round takes in any case
     */
    public record Plateau(int patience, int minimumSteps, double delta) {}
}
