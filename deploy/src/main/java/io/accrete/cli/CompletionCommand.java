package io.accrete.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.util.Locale;
import java.util.concurrent.Callable;

/** {@code accrete completion}: what makes a shell complete commands and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script that lets a shell complete commands and options.",
            "In ~/.bashrc or ~/.zshrc: source <(accrete completion bash), or zsh."
        })
final class CompletionCommand implements Callable<Integer> {
    /** Shells that the script is for: one script for both. */
    enum Shell {
        BASH,
        ZSH
    }

    private final Surroundings surroundings;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.BASH;

    CompletionCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        surroundings
                .out()
                .printf(
                        "# completion of accrete: source <(accrete completion %s)%n",
                        shell.name().toLowerCase(Locale.ROOT));
        // zsh reads the same as bash; the script itself tells it to when it runs there.
        surroundings.out().print(AutoComplete.bash("accrete", Main.whole(surroundings)));
        return ExitCode.DONE.code();
    }
}
