package io.accrete.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** {@code accrete worker}: a node that only adds hands. */
@Command(
        name = "worker",
        description = {
            "Runs a node that works on the jobs of a cluster and coordinates nothing.",
            "It must see the sources and outputs of the jobs under the same paths."
        })
final class WorkerCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private NodeRun node = new NodeRun();
    @Spec private CommandSpec spec = CommandSpec.create();

    WorkerCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        return node.run(surroundings, spec, false);
    }
}
