package io.accrete.cli;

import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.PrintWriter;

/** Says in a sentence what is wrong with a command line, and where its options are explained. */
final class UsageReport implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        err.println(name + ": " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, err);
        if (command.getSubcommands().isEmpty()) {
            err.println("usage: " + command.getHelp().synopsis(0).strip());
        } else {
            err.println("commands: " + String.join(", ", command.getSubcommands().keySet()));
        }
        err.println("`%s --help` explains more".formatted(name));
        return ExitCode.USAGE.code();
    }
}
