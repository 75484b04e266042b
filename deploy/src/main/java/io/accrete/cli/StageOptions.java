package io.accrete.cli;

import io.accrete.protocol.job.StageBudget;

import picocli.CommandLine.Option;

/** The workers that the plan of a training is for. */
final class StageOptions {
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

    /** What is left open is as much as the job needs, on a share of this machine. */
    StageBudget budget() {
        return new StageBudget(workers, memory, flops);
    }
}
