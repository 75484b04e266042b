package io.accrete.coordinator.pool;

import akka.actor.typed.ActorRef;

import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LeasedWork;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.TaskRef;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The tasks of one job that are to be done, in the order of preference.
 *
 * @param plan absolute path of the plan's JSON
 * @param planSha256 digest of that file, in hex
 * @param kind what its tasks are
 * @param numericClass in which earlier tasks were computed, if any were
 */
public record JobOffer(
        String job,
        String plan,
        String planSha256,
        Kind kind,
        Optional<String> numericClass,
        List<Task> tasks) {
    public JobOffer {
        tasks = List.copyOf(tasks);
    }

    /** What workers are given. */
    public sealed interface Kind {
        /**
         * Files to write.
         *
         * @param tmp absolute path of the folder into which workers write
         * @param copies what is done with bytes that are copied
         */
        record Shards(String tmp, CopiedBytes copies) implements Kind {}

        /**
         * Stages to hold until the job is withdrawn.
         *
         * @param driver whom they answer to
         */
        record Stages(ActorRef<StageAnswer> driver) implements Kind {}
    }

    /** A task as a worker gets it. */
    LeasedWork work(Task task, Epoch epoch) {
        return switch (kind) {
            case Kind.Shards(String tmp, CopiedBytes copies) ->
                    new TaskRef(
                            job,
                            plan,
                            planSha256,
                            task.shard(),
                            Path.of(tmp).resolve(task.file() + "." + epoch).toString(),
                            copies);
            case Kind.Stages(ActorRef<StageAnswer> driver) ->
                    new StageRef(job, plan, planSha256, task.shard(), tasks.size(), driver);
        };
    }

    /**
     * @param shard index in the plan, of a shard or of a group of stages
     * @param file name of the shard, or of the stages
     * @param bytes of it
     * @param computed whether any of its tensors is the result of arithmetic
     * @param sources indices of the files that it reads
     */
    public record Task(int shard, String file, long bytes, boolean computed, Set<Integer> sources) {
        public Task {
            sources = Set.copyOf(sources);
        }
    }
}
