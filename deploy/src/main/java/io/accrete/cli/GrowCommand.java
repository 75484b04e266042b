package io.accrete.cli;

import picocli.CommandLine.Command;

/** {@code accrete grow}: a training that inserts layers in rounds. */
@Command(
        name = "grow",
        description = {
            "Inserts copies of layers in rounds, each trained before the next, as a job file's"
                    + " `grow` says.",
            "Stopped or killed, the same command goes on inside of its round, with the same"
                    + " result."
        })
final class GrowCommand extends TrainCommand {
    GrowCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    boolean grows() {
        return true;
    }
}
