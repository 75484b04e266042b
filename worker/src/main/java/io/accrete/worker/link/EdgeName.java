package io.accrete.worker.link;

import java.io.IOException;
import java.util.Locale;
import java.util.Objects;

/**
 * An edge of a pipeline: tensors in one direction, for one purpose.
 *
 * @param from the stage that gives
 * @param to the stage that takes
 */
public record EdgeName(Purpose purpose, int from, int to) {
    private static final int STAGE_BITS = 14;

    /** What is sent. */
    public enum Purpose {
        /** States after a slice of layers. */
        FORWARD(1),
        /** Gradients by them. */
        BACKWARD(2),
        /** What tied parameters need: gradients to their owner, new values from it. */
        TIED(3);

        private final int code;

        Purpose(int code) {
            this.code = code;
        }
    }

    public EdgeName {
        if (from < 0 || to < 0 || from >> STAGE_BITS != 0 || to >> STAGE_BITS != 0) {
            throw new IllegalArgumentException(
                    "an edge from stage %d to stage %d, of at most %d"
                            .formatted(from, to, 1 << STAGE_BITS));
        }
    }

    /** As it stands in frames. */
    int code() {
        return purpose.code << 2 * STAGE_BITS | from << STAGE_BITS | to;
    }

    LinkException broken(IOException why) {
        String reason =
                Objects.requireNonNullElse(why.getMessage(), why.getClass().getSimpleName());
        return new LinkException("%s broke: %s".formatted(this, reason), why);
    }

    @Override
    public String toString() {
        return "the %s edge from stage %d to stage %d"
                .formatted(purpose.name().toLowerCase(Locale.ROOT), from, to);
    }
}
