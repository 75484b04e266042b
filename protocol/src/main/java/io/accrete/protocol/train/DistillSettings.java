package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import java.util.List;
import java.util.Objects;

/**
 * A teacher that the model is to come close to: the loss is {@code (1 - weight) CE + weight T^2
 * KL(teacher || student) + hiddenWeight H}. KL is that of the scores at temperature T (Hinton et
 * al. 2015); H adds up, over chosen sites, {@code |h - t|^2 / |t|^2} of the states h after the site
 * and t after the teacher's layer (hints as of Romero et al. 2015, relative to the teacher's).
 *
 * @param weight from 0 to 1
 * @param hidden sites whose states are matched, ascending
 */
public record DistillSettings(
        Teacher teacher,
        double weight,
        double temperature,
        List<Integer> hidden,
        double hiddenWeight) {
    public DistillSettings {
        // a plan of an earlier program does not have them
        hidden = List.copyOf(Objects.requireNonNullElse(hidden, List.of()));
    }

    /** The same with other sites whose states are matched. */
    public DistillSettings withHidden(List<Integer> sites) {
        return new DistillSettings(teacher, weight, temperature, sites, hiddenWeight);
    }

    /** Whose scores and states these are. */
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
