package io.accrete.worker.merge;

import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.TaskRef;

/** Does one task from beginning to end, on the calling thread. */
@FunctionalInterface
public interface TaskExecutor {
    /**
     * @return what stands, on the disk, at the task's target
     * @throws TaskFailedException and then nothing of it is left
     */
    ShardReceipt execute(TaskRef task, ExecutionControl control) throws TaskFailedException;
}
