package io.accrete.coordinator.finetune;

import com.sun.management.OperatingSystemMXBean;

import io.accrete.coordinator.train.DeviceModel;
import io.accrete.coordinator.train.JobReader;
import io.accrete.protocol.job.StageBudget;
import io.accrete.protocol.train.PipelineSettings;

import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;

/** The workers that a training is planned for. */
public final class StageDevices {
    /** What matrix products of float32 reach on a core of a server, roughly. */
    private static final double FLOPS_PER_THREAD = 40e9;

    private static final int WORKERS_MAX = 1024;

    /** The share of a GPU that is left to CUDA itself and the work space of its libraries. */
    private static final int DEVICE_RESERVE = 16;

    private StageDevices() {}

    /** What is left open is as much as the job needs, on a share of this machine. */
    public static List<DeviceModel> of(StageBudget budget, String fileName, String job) {
        PipelineSettings pipeline =
                JobReader.read(fileName, job).job().map(read -> read.pipeline()).orElse(null);
        int stages = pipeline == null ? 1 : pipeline.stages().orElse(1);
        int threads = pipeline == null ? 1 : pipeline.threads();
        int count = Math.min(budget.workers() > 0 ? budget.workers() : stages, WORKERS_MAX);
        return Collections.nCopies(
                count,
                new DeviceModel(
                        budget.memoryBytes() > 0
                                ? budget.memoryBytes()
                                : memoryOfThisMachine() / count,
                        budget.flops() > 0 ? budget.flops() : FLOPS_PER_THREAD * threads));
    }

    /**
     * What stages may count on that are spread over devices of known memory; what the budget says
     * itself comes first.
     *
     * @param devices how many, of one kind
     * @param memoryBytes of the smallest of them
     */
    public static StageBudget on(
            int devices, long memoryBytes, StageBudget budget, String fileName, String job) {
        int named =
                JobReader.read(fileName, job)
                        .job()
                        .flatMap(read -> read.pipeline().stages().stream().boxed().findFirst())
                        .orElse(0);
        int stages = budget.workers() > 0 ? budget.workers() : named > 0 ? named : devices;
        long left = memoryBytes - memoryBytes / DEVICE_RESERVE;
        return new StageBudget(
                stages,
                budget.memoryBytes() > 0
                        ? budget.memoryBytes()
                        : left / Math.ceilDiv(stages, devices),
                budget.flops());
    }

    private static long memoryOfThisMachine() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }
}
