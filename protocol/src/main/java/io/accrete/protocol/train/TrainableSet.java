package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.util.List;

/** Which tensors learn; all others are frozen. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "set")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TrainableSet.All.class, name = "all"),
    @JsonSubTypes.Type(value = TrainableSet.Clones.class, name = "clones"),
    @JsonSubTypes.Type(value = TrainableSet.Norms.class, name = "norms"),
    @JsonSubTypes.Type(value = TrainableSet.Matching.class, name = "matching")
})
public sealed interface TrainableSet {

    record All() implements TrainableSet {}

    /** Every tensor of every site whose source layer occurred at an earlier site. */
    record Clones() implements TrainableSet {}

    /** The weights of all normalisations, the last one included. */
    record Norms() implements TrainableSet {}

    /**
     * Tensors whose whole name matches one of the patterns.
     *
     * @param patterns {@code *} stands for any run of characters, {@code ?} for one
     */
    record Matching(List<String> patterns) implements TrainableSet {
        public Matching {
            patterns = List.copyOf(patterns);
        }
    }
}
