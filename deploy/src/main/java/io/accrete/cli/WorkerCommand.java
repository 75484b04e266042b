package io.accrete.cli;

import io.accrete.node.NodeSettings;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.Optional;
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

    @Mixin private NodeOptions node = new NodeOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    WorkerCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        if (node.seeds().isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "name a node of the cluster with --seed HOST:PORT");
        }
        return node.run(
                surroundings,
                new NodeSettings(
                        Optional.empty(),
                        node.cluster(),
                        node.seeds(),
                        Optional.empty(),
                        surroundings.directory(),
                        List.of(),
                        node.workers(),
                        Optional.empty(),
                        node.insecure()));
    }
}
