package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.http.FigurePage;
import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

/** {@code accrete metrics}: the figures of a training on a server, step by step. */
@Command(
        name = "metrics",
        description = {
            "Says the figures of a training of a server so far, step by step.",
            "With --json as its metrics.jsonl has them."
        })
final class MetricsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "JOB", description = "as `accrete jobs` lists it")
    private String job = "";

    @Option(
            names = "--after",
            paramLabel = "STEP",
            description = "only those of later steps (default all)")
    private Optional<Integer> after = Optional.empty();

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    MetricsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (RemoteJobs jobs = server.open(surroundings)) {
            ServerAnswers answers = new ServerAnswers(surroundings, output);
            OptionalInt from = after.map(OptionalInt::of).orElseGet(OptionalInt::empty);
            boolean more = true;
            while (more) {
                FigurePage page = jobs.figures(job, from);
                for (JsonNode line : page.lines()) {
                    answers.print(line, FigureText.line(line));
                }
                from = page.next();
                more = from.isPresent();
            }
        }
        return ExitCode.DONE.code();
    }
}
