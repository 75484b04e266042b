package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.train.TrainReport;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.FigurePage;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobOptions;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * Variants of a training as jobs of a server, which has them share its workers. A variant that is
 * at work already is that job; one that has been published is done at once.
 */
final class RemoteAblation {
    private final RemoteJobs jobs;
    private final Surroundings surroundings;
    private final OutputOptions output;
    private final String out;
    private final JobOptions options;

    /**
     * @param out folder of the variants, which counts from the server's root
     */
    RemoteAblation(
            RemoteJobs jobs,
            Surroundings surroundings,
            OutputOptions output,
            String out,
            JobOptions options) {
        this.jobs = jobs;
        this.surroundings = surroundings;
        this.output = output;
        this.out = out;
        this.options = options;
    }

    /** How a finished variant is put down. */
    interface Finish {
        void of(AblationRun run, TrainSummary summary, List<JsonNode> metrics);
    }

    /**
     * Submits all, then watches one after the other.
     *
     * @return that of the first variant that did not succeed; the others go on
     */
    ExitCode train(List<AblationRun> runs, Finish finish)
            throws ServerException, InterruptedException {
        Map<AblationRun, String> submitted = new LinkedHashMap<>();
        for (AblationRun run : runs) {
            submitted.put(run, jobs.submit(document(run), UUID.randomUUID().toString()).id());
        }
        for (Map.Entry<AblationRun, String> entry : submitted.entrySet()) {
            AblationRun run = entry.getKey();
            surroundings.err().printf("variant %s is job %s%n", run.folder(), entry.getValue());
            ExitCode code = new JobWatch(jobs, surroundings, output).until(entry.getValue());
            if (code != ExitCode.DONE) {
                return code;
            }
            JobResource ended = jobs.show(entry.getValue());
            if (!(ended.result().orElse(null) instanceof TrainSummary summary)) {
                throw new IllegalStateException("a training without its result: " + ended.id());
            }
            finish.of(run, summary, metrics(ended.id()));
        }
        return ExitCode.DONE;
    }

    private JobDocument document(AblationRun run) {
        return new JobDocument(
                JobKind.TRAIN, null, run.name(), run.text(), out + "/" + run.folder(), options);
    }

    /** As the server would carry it out: it has the model. */
    AblationCheck.Planned plan(AblationRun run)
            throws ServerException, InterruptedException, JsonProcessingException {
        try {
            TrainReport report = ApiJson.read(jobs.tryOut(document(run)), TrainReport.class);
            return new AblationCheck.Planned(report.problems(), Optional.of(report));
        } catch (ServerException e) {
            return new AblationCheck.Planned(SubmitCommand.objections(e), Optional.empty());
        }
    }

    private List<JsonNode> metrics(String job) throws ServerException, InterruptedException {
        List<JsonNode> lines = new ArrayList<>();
        OptionalInt after = OptionalInt.empty();
        do {
            FigurePage page = jobs.figures(job, after);
            lines.addAll(page.lines());
            after = page.next();
        } while (after.isPresent());
        return lines;
    }
}
