package io.accrete.cli;

import io.accrete.coordinator.train.JobReader;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobOptions;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.remote.RemoteJobs;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;

/** {@code accrete submit}: a job for a cluster. */
@Command(
        name = "submit",
        description = {
            "Submits a recipe, or a training job, to a server, and says under which name it is"
                    + " worked on.",
            "Paths count from the server's first root."
        })
final class SubmitCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "FILE", description = "a recipe as mergekit takes it, or a job file")
    private String recipe = "";

    @Parameters(paramLabel = "OUT", description = "folder to publish the model in, on the server")
    private String out = "";

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "submitting again with the same key gives the same job")
    private Optional<String> key = Optional.empty();

    @Option(names = "--watch", description = "stay, and say what happens until the job has ended")
    private boolean watch;

    @Mixin private RecipeOptions recipeOptions = new RecipeOptions();
    @Mixin private StageOptions stageOptions = new StageOptions();
    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    SubmitCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        RecipeFile file = RecipeFile.read(surroundings, recipe);
        JobOptions options =
                JobOptions.of(recipeOptions.in(surroundings.directory()), stageOptions.budget());
        JobDocument document =
                JobReader.recognises(file.text())
                        ? new JobDocument(
                                JobKind.TRAIN, null, file.name(), file.text(), out, options)
                        : new JobDocument(
                                JobKind.MERGE, file.text(), file.name(), null, out, options);
        try (RemoteJobs jobs = server.open(surroundings)) {
            JobResource job =
                    jobs.submit(document, key.orElseGet(() -> UUID.randomUUID().toString()));
            if (watch) {
                return new JobWatch(jobs, surroundings, output).until(job.id()).code();
            }
            if (output.json()) {
                surroundings.out().println(ApiJson.write(job));
            } else {
                surroundings.out().println(job.id());
                surroundings
                        .err()
                        .printf("submitted; `accrete watch %s` shows how it gets on%n", job.id());
            }
        }
        return ExitCode.DONE.code();
    }
}
