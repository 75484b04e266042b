package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;

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

    RemoteAblation(RemoteJobs jobs, Surroundings surroundings, OutputOptions output) {
        this.jobs = jobs;
        this.surroundings = surroundings;
        this.output = output;
    }

    /** How a finished variant is put down. */
    interface Finish {
        void of(AblationRun run, TrainSummary summary, List<JsonNode> metrics);
    }

    /**
     * Submits all, then watches one after the other.
     *
     * @param out folder of the variants, which counts from the server's root
     * @return that of the first variant that did not succeed; the others go on
     */
    ExitCode train(List<AblationRun> runs, String out, JobOptions options, Finish finish)
            throws ServerException, InterruptedException {
        Map<AblationRun, String> submitted = new LinkedHashMap<>();
        for (AblationRun run : runs) {
            JobDocument document =
                    new JobDocument(
                            JobKind.TRAIN,
                            null,
                            run.name(),
                            run.text(),
                            out + "/" + run.folder(),
                            options);
            submitted.put(run, jobs.submit(document, UUID.randomUUID().toString()).id());
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
