package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Fault;

/** What can be wrong with a recipe beyond its YAML. */
public enum RecipeFault implements Fault {
    NOT_A_RECIPE(7),
    OTHER_TOOL(8),
    METHOD_MISSING(11),
    METHOD_UNKNOWN(12),
    FORM(13),
    LAYER_RANGE(14),
    MODEL_NAME(15),
    DTYPE(16),
    TOKENIZER(17),
    CHAT_TEMPLATE(18),
    PARAMETER_UNKNOWN(19),
    PARAMETER_MISSING(20),
    PARAMETER_TYPE(21),
    PARAMETER_RANGE(22),
    PARAMETER_MISPLACED(23),
    PARAMETER_FORM(24),
    INPUTS(25),
    UNEQUAL_LENGTHS(26),
    WEIGHTS_SUM_TO_ZERO(27),
    DEAD_KEY(28),
    DOCUMENT_NAME(29),
    NO_LAYERS(30);

    private final int number;

    RecipeFault(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
