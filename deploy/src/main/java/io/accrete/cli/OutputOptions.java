package io.accrete.cli;

import picocli.CommandLine.Option;

/** How much a command says, and to whom. */
final class OutputOptions {
    @Option(
            names = "--json",
            description = "JSON Lines on standard output, the result last; text on standard error")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "say more")
    private boolean[] verbose = {};

    @Option(
            names = {"-q", "--quiet"},
            description = "say nothing but the result and what is wrong")
    private boolean quiet;

    boolean json() {
        return json;
    }

    boolean verbose() {
        return verbose.length > 0;
    }

    boolean quiet() {
        return quiet;
    }
}
