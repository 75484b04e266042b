package io.accrete.protocol.job;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** How an output may be named: a job works beside it, and people read the name. */
public final class OutputName {
    /** File systems allow 255; the folder beside it has some more than the output. */
    private static final int BYTES_MAX = 240;

    private OutputName() {}

    /** What is wrong with the name, if anything. */
    public static Optional<Problem> problem(Path output) {
        if (output.toString().chars().anyMatch(Character::isISOControl)) {
            return Optional.of(problem(output, "has a control character"));
        }
        Path name = output.getFileName();
        int bytes = name == null ? 0 : name.toString().getBytes(StandardCharsets.UTF_8).length;
        return bytes > BYTES_MAX
                ? Optional.of(
                        problem(output, "has %d bytes, %d at most".formatted(bytes, BYTES_MAX)))
                : Optional.empty();
    }

    private static Problem problem(Path output, String why) {
        return Problem.error(
                "STO-025",
                output.toString(),
                "the name of the output " + why,
                "choose another name");
    }
}
