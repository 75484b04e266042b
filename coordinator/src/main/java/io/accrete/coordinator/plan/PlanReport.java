package io.accrete.coordinator.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.Site;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Everything that is known of a merge before a weight moves, as {@code accrete plan} shows it. Its
 * JSON is a contract; see {@code docs/plans.md}.
 *
 * @param ok whether there is no error
 * @param dtype element type of most bytes, in safetensors spelling
 * @param bytes of all tensors; files have headers too, see the shards
 * @param configDonor the model whose config.json the output gets
 * @param weightsPresent whether all sources have their weights; without them shapes follow from the
 *     architectures
 * @param bytesShared bytes whose blocks the file system will share with the sources
 * @param memoryBytesPerWorker bound on the anonymous memory of a process with one worker, the JVM's
 *     own included
 * @param otherLayout what the other layout would bring; absent if that is not known
 * @param omitted tensors of the sources that the output does not use
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PlanReport(
        String kind,
        boolean ok,
        List<Problem> problems,
        String architecture,
        String method,
        int layers,
        int tensors,
        long parameters,
        long bytes,
        String dtype,
        List<Shard> shards,
        List<Site> sites,
        String configDonor,
        String tokenizerDonor,
        boolean weightsPresent,
        String layout,
        long bytesShared,
        long bytesCopied,
        long bytesComputed,
        @Nullable OtherLayout otherLayout,
        long memoryBytesPerWorker,
        @Nullable Disk disk,
        @Nullable Growth growth,
        List<Omitted> omitted) {
    public PlanReport {
        problems = List.copyOf(problems);
        shards = List.copyOf(shards);
        sites = List.copyOf(sites);
        omitted = List.copyOf(omitted);
    }

    public record Shard(String file, long bytes, int tensors) {}

    @JsonNaming(SnakeCaseStrategy.class)
    public record OtherLayout(
            String layout, int shards, long bytesShared, long bytesCopied, long bytesComputed) {}

    /**
     * @param fileSystem type of the output's
     * @param bytesNeeded what the merge will write, shared blocks not counted
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Disk(String fileSystem, long bytesNeeded, long bytesFree) {}

    /**
     * What the output costs its users, against the model that gives its configuration.
     *
     * @param kvBytesPerToken of the key-value cache, at 2 bytes a number
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Growth(
            String of,
            int layersBefore,
            long parametersBefore,
            long kvBytesPerTokenBefore,
            long kvBytesPerToken) {}

    /**
     * @param what layers or tensors of the model
     * @param why they are left out
     */
    public record Omitted(String model, String what, int tensors, long bytes, String why) {}

    /** The same with all problems that there are, none of them an error. */
    public PlanReport with(List<Problem> warnings) {
        return new PlanReport(
                kind,
                ok,
                warnings,
                architecture,
                method,
                layers,
                tensors,
                parameters,
                bytes,
                dtype,
                shards,
                sites,
                configDonor,
                tokenizerDonor,
                weightsPresent,
                layout,
                bytesShared,
                bytesCopied,
                bytesComputed,
                otherLayout,
                memoryBytesPerWorker,
                disk,
                growth,
                omitted);
    }

    /** Of a recipe that could not be planned. */
    static PlanReport refused(String method, List<Problem> problems) {
        return new PlanReport(
                "merge", false, problems, "", method, 0, 0, 0, 0, "", List.of(), List.of(), "", "",
                false, "", 0, 0, 0, null, 0, null, null, List.of());
    }
}
