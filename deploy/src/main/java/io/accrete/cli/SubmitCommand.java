package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.accrete.coordinator.plan.PlanReport;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.TrainReport;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobOptions;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.http.ProblemDetail;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.Problem;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** Of HTTP: it was understood, and there is no plan. */
    private static final int REFUSED = 422;

    private final Surroundings surroundings;

    @Parameters(paramLabel = "FILE", description = "a recipe as mergekit takes it, or a job file")
    private String recipe = "";

    @Parameters(paramLabel = "OUT", description = "folder to publish the model in, on the server")
    private String out = "";

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "submitting again with the same key gives the same job (default a new one,"
                            + " which is said where the answer is lost)")
    private Optional<String> key = Optional.empty();

    @Option(
            names = "--dry-run",
            description =
                    "show the plan that the server would make, or all that is wrong; submit"
                            + " nothing")
    private boolean dryRun;

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
            return (dryRun ? tryOut(jobs, document) : submit(jobs, document)).code();
        }
    }

    private ExitCode submit(RemoteJobs jobs, JobDocument document)
            throws ServerException, InterruptedException, Refusal, JsonProcessingException {
        String sent = key.orElseGet(() -> UUID.randomUUID().toString());
        JobResource job;
        try {
            job = jobs.submit(document, sent);
        } catch (ServerException e) {
            Refusal refusal = FailureReport.refusal(e);
            throw e.isPassing() ? refusal.mayHaveArrived(sent) : refusal;
        }
        if (watch) {
            return new JobWatch(jobs, surroundings, output).until(job.id());
        }
        if (output.json()) {
            surroundings.out().println(withKey(job, sent));
        } else {
            surroundings.out().println(job.id());
            if (!output.quiet()) {
                surroundings
                        .err()
                        .printf("submitted; `accrete watch %s` shows how it gets on%n", job.id());
            }
        }
        return ExitCode.DONE;
    }

    private static String withKey(JobResource job, String key) throws JsonProcessingException {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        Map<?, ?> fields = ApiJson.read(ApiJson.write(job), Map.class);
        fields.forEach((name, value) -> answer.put(String.valueOf(name), value));
        answer.put("key", key);
        return ApiJson.write(answer);
    }

    /**
     * What stands against a job that a server has tried out.
     *
     * @throws ServerException the same, where it has not come to that
     */
    static List<Problem> objections(ServerException refused) throws ServerException {
        return refused.problem()
                .filter(detail -> detail.status() == REFUSED)
                .map(ProblemDetail::errors)
                .orElseThrow(() -> refused);
    }

    /** A refusal is the same to programs as that of {@code accrete plan}. */
    private ExitCode tryOut(RemoteJobs jobs, JobDocument document)
            throws ServerException, InterruptedException, Refusal, JsonProcessingException {
        String json;
        try {
            json = jobs.tryOut(document);
        } catch (ServerException e) {
            List<Problem> problems = objections(e);
            throw new Refusal(PlanCommand.exitCode(problems), problems);
        }
        PlanPrinter printer = new PlanPrinter(surroundings, output);
        switch (document.kind()) {
            case TRAIN -> {
                TrainReport report = ApiJson.read(json, TrainReport.class);
                printer.print(report.problems());
                printer.print(report);
            }
            case MERGE -> {
                PlanReport report = ApiJson.read(json, PlanReport.class);
                printer.print(report.problems());
                printer.print(report);
            }
            case EXPORT -> throw new IllegalStateException("no file is an export");
            case null -> throw new IllegalStateException("a document without a kind");
        }
        return ExitCode.DONE;
    }
}
