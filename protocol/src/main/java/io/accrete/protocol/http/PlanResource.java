package io.accrete.protocol.http;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan.OutputModel;
import io.accrete.protocol.merge.Site;

import java.util.List;
import java.util.Optional;

/**
 * The plan of a job, as it was made.
 *
 * @param job its name
 * @param digest of all that decides the result
 * @param model what a merge makes
 * @param steps of a training, at most
 * @param stages of a training
 * @param problems warnings
 * @param shards of a merge; empty once its staging folder is gone
 * @param sites lineage of every layer; empty where neither plan nor result is there any more
 */
public record PlanResource(
        String job,
        JobKind kind,
        String digest,
        Optional<OutputModel> model,
        Optional<Integer> steps,
        Optional<Integer> stages,
        List<Problem> problems,
        List<Shard> shards,
        List<Site> sites) {
    public PlanResource {
        problems = List.copyOf(problems);
        shards = List.copyOf(shards);
        sites = List.copyOf(sites);
    }

    public record Shard(String file, long bytes, int tensors) {}
}
