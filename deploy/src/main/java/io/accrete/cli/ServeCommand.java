package io.accrete.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** {@code accrete serve}: a node that coordinates jobs and serves HTTP. */
@Command(
        name = "serve",
        description = {
            "Runs a node that takes jobs over HTTP, keeps them in a journal and works on them.",
            "Alone it needs nothing installed. Several share a journal in PostgreSQL and one seed."
        })
final class ServeCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private NodeRun node = new NodeRun();
    @Spec private CommandSpec spec = CommandSpec.create();

    ServeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        return node.run(surroundings, spec, true);
    }
}
