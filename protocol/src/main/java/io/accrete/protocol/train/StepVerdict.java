package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What all stages do with the gradients of a step. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "verdict")
@JsonSubTypes({
    @JsonSubTypes.Type(value = StepVerdict.Apply.class, name = "apply"),
    @JsonSubTypes.Type(value = StepVerdict.Skip.class, name = "skip")
})
public sealed interface StepVerdict {

    /**
     * The weights move.
     *
     * @param learningRate before multipliers
     * @param clipFactor by which gradients are multiplied
     */
    record Apply(double learningRate, double clipFactor) implements StepVerdict {}

    /**
     * The gradients are dropped; weights and moments stay as they are.
     *
     * @param reason as a sentence
     */
    record Skip(String reason) implements StepVerdict {}
}
