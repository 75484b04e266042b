package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What is done about a step that stands out. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "action")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SpikeAction.Skip.class, name = "skip"),
    @JsonSubTypes.Type(value = SpikeAction.RollBack.class, name = "rollback"),
    @JsonSubTypes.Type(value = SpikeAction.Pause.class, name = "pause")
})
public sealed interface SpikeAction {

    /** Its gradients are dropped. */
    record Skip() implements SpikeAction {}

    /**
     * The training goes back, and on from there in another way.
     *
     * @param steps before the one that stands out
     * @param rate factor of the learning rate from there on
     * @param skipData whether the rows of the steps that are undone are left out
     */
    record RollBack(int steps, double rate, boolean skipData) implements SpikeAction {}

    /** Its gradients are dropped, and a person looks. */
    record Pause() implements SpikeAction {}
}
