package io.accrete.protocol.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Where the weights of a training job come from. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "from")
@JsonSubTypes({
    @JsonSubTypes.Type(value = StartingModel.Folder.class, name = "model"),
    @JsonSubTypes.Type(value = StartingModel.Merge.class, name = "recipe")
})
public sealed interface StartingModel {

    /**
     * A model that is there.
     *
     * @param model as the job names it: a path or {@code org/name}
     */
    record Folder(String model) implements StartingModel {}

    /**
     * The model that a recipe takes its layers from; they are the job's sites.
     *
     * @param recipe path of its file, as the job names it
     */
    record Merge(String recipe) implements StartingModel {}
}
