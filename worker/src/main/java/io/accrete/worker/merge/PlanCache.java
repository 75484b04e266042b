package io.accrete.worker.merge;

import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.wire.TaskRef;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/** The plan that was read last: the tasks of a job follow each other. */
final class PlanCache {
    private @Nullable Entry entry;

    private record Entry(String sha256, MergePlan plan) {}

    synchronized MergePlan plan(TaskRef task) throws IOException {
        if (entry == null || !entry.sha256.equals(task.planSha256())) {
            MergePlan plan = PlanFile.read(Path.of(task.plan()), task.planSha256());
            entry = new Entry(task.planSha256(), plan);
        }
        return entry.plan;
    }
}
