package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * A teacher whose scores the model is to come close to: the loss is {@code (1 - weight) CE + weight
 * T^2 KL(teacher || student)}, both at temperature T (Hinton et al. 2015).
 *
 * @param weight from 0 to 1
 */
public record DistillSettings(Teacher teacher, double weight, double temperature) {

    /** Whose scores these are. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "teacher")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Teacher.Folder.class, name = "model"),
        @JsonSubTypes.Type(value = Teacher.Self.class, name = "self")
    })
    public sealed interface Teacher {
        /**
         * A model of its own.
         *
         * @param model as the job names it
         */
        record Folder(String model) implements Teacher {}

        /** The trained model itself without its clones; its other sites do not learn. */
        record Self() implements Teacher {}
    }
}
