package io.accrete.coordinator.recipe;

/**
 * How many models a method takes in one slice, and what it wants of the base model.
 *
 * @param fewest inputs, the base model counted
 * @param most inputs, the base model counted
 * @param fewestOthers inputs beside the base model
 * @param mostOthers inputs beside the base model
 */
public record InputContract(BaseRule base, int fewest, int most, int fewestOthers, int mostOthers) {

    /** What a method does with {@code base_model}. */
    public enum BaseRule {
        /** Not looked at: a base model among the inputs is one more input. */
        IGNORED,
        /** If there is one it must be among the inputs. */
        OPTIONAL,
        /** There must be one, and it must be among the inputs. */
        REQUIRED
    }

    private static final int NO_LIMIT = Integer.MAX_VALUE;

    static InputContract ignoring(int fewest, int most) {
        return new InputContract(BaseRule.IGNORED, fewest, most, 0, NO_LIMIT);
    }

    static InputContract anyNumber() {
        return ignoring(1, NO_LIMIT);
    }

    static InputContract beside(int fewestOthers, int mostOthers) {
        return new InputContract(BaseRule.OPTIONAL, 1, NO_LIMIT, fewestOthers, mostOthers);
    }

    static InputContract withBase(int fewest, int most) {
        return new InputContract(BaseRule.REQUIRED, fewest, most, 0, NO_LIMIT);
    }

    static InputContract withBase() {
        return withBase(1, NO_LIMIT);
    }

    static InputContract besideOptionalBase() {
        return beside(1, NO_LIMIT);
    }

    /** For example {@code exactly 2 models, the base model counted}. */
    String words() {
        return switch (base) {
            case IGNORED -> counted(fewest, most, "");
            case OPTIONAL -> counted(fewestOthers, mostOthers, " beside the base model");
            case REQUIRED -> counted(fewest, most, ", the base model counted");
        };
    }

    private static String counted(int fewest, int most, String rest) {
        String models = (fewest == 1 ? " model" : " models") + rest;
        return (fewest == most ? "exactly " : "at least ") + fewest + models;
    }
}
