package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Gates that multiply what a layer's two branches, attention and MLP, add to the residual stream.
 *
 * @param init the value that they start from; empty for 1/k at a site of a layer with k sites
 * @param learningRate multiplier of the learning rate
 * @param clamp range that they are moved back into after each step
 */
public record GateSettings(
        Kind kind, OptionalDouble init, double learningRate, Optional<Clamp> clamp, Where where) {

    /** How many numbers a gate has. */
    public enum Kind {
        /** One. */
        SCALAR,
        /** One for each hidden unit. */
        CHANNEL
    }

    /** A closed range. */
    public record Clamp(double lowest, double highest) {}

    /** Which sites have gates. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "where")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Where.Clones.class, name = "clones"),
        @JsonSubTypes.Type(value = Where.AllCopies.class, name = "all-copies"),
        @JsonSubTypes.Type(value = Where.Listed.class, name = "sites")
    })
    public sealed interface Where {
        record Clones() implements Where {}

        /** All sites of a layer with several, the first included. */
        record AllCopies() implements Where {}

        record Listed(List<Integer> sites) implements Where {
            public Listed {
                sites = List.copyOf(sites);
            }
        }
    }
}
