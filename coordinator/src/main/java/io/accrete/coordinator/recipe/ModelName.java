package io.accrete.coordinator.recipe;

import java.util.Optional;

/**
 * A reference to a model: {@code path[@revision][+lora[@revision]]}, or the dictionary form of it.
 *
 * @param overrideArchitecture the architecture to read it as, instead of its configuration's
 */
public record ModelName(
        String path,
        Optional<String> revision,
        Optional<Adapter> lora,
        Optional<String> overrideArchitecture) {

    /** A LoRA adapter that is to be applied to the model. */
    public record Adapter(String path, Optional<String> revision) {}

    /** As it stands in a recipe. */
    @Override
    public String toString() {
        return path
                + revision.map(r -> "@" + r).orElse("")
                + lora.map(l -> "+" + l.path() + l.revision().map(r -> "@" + r).orElse(""))
                        .orElse("");
    }
}
