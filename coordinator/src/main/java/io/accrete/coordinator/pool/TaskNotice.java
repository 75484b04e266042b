package io.accrete.coordinator.pool;

import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.TaskFailure;

import java.time.Duration;
import java.util.Optional;

/** From the pool to the driver whose job it concerns. */
public sealed interface TaskNotice {

    /**
     * A file stands at {@code target}, written under a lease that is current. The lease stays until
     * the driver settles or rejects it.
     *
     * @param numericClass of the worker, if it computed anything
     */
    record Finished(
            Epoch epoch,
            int shard,
            String target,
            ShardReceipt receipt,
            String worker,
            Optional<String> numericClass)
            implements TaskNotice {}

    /**
     * The task will not be granted again, unless the driver leaves the worker out.
     *
     * @param worker the last that tried
     * @param attempts how often it was tried
     */
    record GivenUp(int shard, String file, TaskFailure failure, String worker, int attempts)
            implements TaskNotice {}

    /**
     * A group of stages has no worker any more; another will be given it.
     *
     * @param lease that has ended
     * @param why as a sentence, which names the worker
     */
    record StagesLost(int group, Epoch lease, String why) implements TaskNotice {}

    /**
     * Who could hold stages of the job.
     *
     * @param processes that hold some or could, and that others reach
     * @param settled since when none has come or gone
     * @param anybody whether any worker is there
     * @param age since when there is this pool, which workers have to find
     * @param kept what workers hold from before
     */
    record Hands(int processes, Duration settled, boolean anybody, Duration age, Kept kept)
            implements TaskNotice {}

    /**
     * Stages that workers hold since before there was this pool.
     *
     * @param held groups
     * @param of so many, into which the stages were divided
     */
    record Kept(int held, int of) {
        static final Kept NONE = new Kept(0, 0);

        public boolean isWhole() {
            return held > 0 && held == of;
        }
    }

    /** No worker of the class in which the job was computed so far has shown up for a while. */
    record ClassMissing(String numericClass) implements TaskNotice {}
}
