package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Growth in rounds: each inserts copies of sites, and trains until nothing more is gained.
 *
 * @param plateau empty where every round takes all of its steps
 * @param stepsBefore the first round, of the model as it is; 0: the first round comes at once
 * @param oneSchedule whether the rate has one schedule over all steps, not one for each round
 */
public record GrowSettings(
        Rounds rounds,
        Optional<Plateau> plateau,
        // What says no more than a plan of an earlier program leaves its digest as it was.
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) int stepsBefore,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean oneSchedule) {

    /** The number of the first phase: 0 is that of the model as it is. */
    public int firstRound() {
        return stepsBefore > 0 ? 0 : 1;
    }

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
     * @param afterSites that are copied, ascending, counted in the model as it is before this
     *     round; each copy stands right after its site
     * @param steps at most; as many as the job says if empty
     */
    public record Round(
            @JsonProperty("afterSite")
                    @JsonFormat(
                            with = {
                                JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
                                JsonFormat.Feature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED
                            })
                    List<Integer> afterSites,
            OptionalInt steps) {
        public Round {
            afterSites = List.copyOf(afterSites);
        }
    }

    /**
     * When a round has brought what it can: the best validation loss of the last {@code patience}
     * validations is not better by {@code delta} (a share of it) than the best one before.
     *
     * @param minimumSteps that a round takes in any case
     */
    public record Plateau(int patience, int minimumSteps, double delta) {}
}
