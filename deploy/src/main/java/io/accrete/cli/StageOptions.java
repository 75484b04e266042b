package io.accrete.cli;

import com.sun.management.OperatingSystemMXBean;

import io.accrete.coordinator.train.DeviceModel;
import io.accrete.coordinator.train.ParsedJob;

import picocli.CommandLine.Option;

import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;

/** The workers that the plan of a training is for. */
final class StageOptions {
    /** What matrix products of float32 reach on a core of a server, roughly. */
    private static final double FLOPS_PER_THREAD = 40e9;

    private static final int WORKERS_MAX = 1024;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "of a training: how many workers there are (default: as many as stages)")
    private int workers;

    @Option(
            names = "--memory",
            paramLabel = "BYTES",
            converter = ByteCount.class,
            description =
                    "of a training: what each worker has, e.g. 80GB (default: this machine's,"
                            + " shared)")
    private long memory;

    @Option(
            names = "--flops",
            paramLabel = "F",
            description = {
                "of a training: float32 operations of a worker in a second, e.g. 30e12",
                "(default: 40e9 for each thread)"
            })
    private double flops;

    List<DeviceModel> devices(ParsedJob parsed) {
        int stages = parsed.job().map(job -> job.pipeline().stages().orElse(1)).orElse(1);
        int threads = parsed.job().map(job -> job.pipeline().threads()).orElse(1);
        int count = Math.min(workers > 0 ? workers : stages, WORKERS_MAX);
        return Collections.nCopies(
                count,
                new DeviceModel(
                        memory > 0 ? memory : memoryOfThisMachine() / count,
                        flops > 0 ? flops : FLOPS_PER_THREAD * threads));
    }

    private static long memoryOfThisMachine() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }
}
