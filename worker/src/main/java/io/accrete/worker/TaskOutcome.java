package io.accrete.worker;

import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.TaskFailure;

/** What came of a task. */
sealed interface TaskOutcome {
    record Done(ShardReceipt receipt) implements TaskOutcome {}

    record Undone(TaskFailure failure) implements TaskOutcome {}
}
