package io.accrete.cli;

import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;

/**
 * Options of {@code mergekit-yaml} that have no counterpart here, so that its command lines can be
 * used as they are: those that only chose how mergekit works are noted, those that would change the
 * result are refused.
 */
final class MergekitOptions {
    private static final String MEMORY =
            "has no effect: tensors are streamed, whatever the size of the model";
    private static final String DEVICE =
            "has no effect: this version computes on the CPU; copied tensors never leave the disk";

    private final List<String> notes = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();

    @Option(names = "--clone-tensors", negatable = true, hidden = true)
    void cloneTensors(boolean on) {
        note(on, "--clone-tensors", "has no effect: copies of a layer never share memory here");
    }

    @Option(names = "--async-write", negatable = true, hidden = true)
    void asyncWrite(boolean on) {
        note(
                on,
                "--async-write",
                "has no effect: shards are always written in parallel (--workers)");
    }

    @Option(names = "--write-threads", hidden = true)
    void writeThreads(int threads) {
        note(true, "--write-threads", "has no effect: use --workers");
    }

    @Option(
            names = {"-j", "--num-threads"},
            hidden = true)
    void numThreads(int threads) {
        note(true, "--num-threads", "has no effect: use --workers");
    }

    @Option(names = "--lazy-unpickle", negatable = true, hidden = true)
    void lazyUnpickle(boolean on) {
        note(on, "--lazy-unpickle", "has no effect: only safetensors files are read");
    }

    @Option(names = "--low-cpu-memory", negatable = true, hidden = true)
    void lowCpuMemory(boolean on) {
        note(on, "--low-cpu-memory", MEMORY);
    }

    @Option(names = "--read-to-gpu", negatable = true, hidden = true)
    void readToGpu(boolean on) {
        note(on, "--read-to-gpu", DEVICE);
    }

    @Option(names = "--multi-gpu", negatable = true, hidden = true)
    void multiGpu(boolean on) {
        note(on, "--multi-gpu", DEVICE);
    }

    @Option(names = "--gpu-rich", negatable = true, hidden = true)
    void gpuRich(boolean on) {
        note(on, "--gpu-rich", DEVICE);
    }

    @Option(names = "--cuda", negatable = true, hidden = true)
    void cuda(boolean on) {
        note(on, "--cuda", DEVICE);
    }

    @Option(names = "--device", hidden = true)
    void device(String device) {
        note(!device.equals("cpu"), "--device " + device, DEVICE);
    }

    @Option(names = "--transformers-cache", hidden = true)
    void transformersCache(String folder) {
        note(true, "--transformers-cache", "has no effect: name the folder with --models");
    }

    @Option(names = "--lora-merge-cache", hidden = true)
    void loraMergeCache(String folder) {
        note(true, "--lora-merge-cache", "has no effect: no cache is needed");
    }

    @Option(names = "--lora-merge-dtype", hidden = true)
    void loraMergeDtype(String dtype) {
        note(true, "--lora-merge-dtype", "has no effect: no adapter is merged by this version");
    }

    @Option(names = "--random-seed", hidden = true)
    void randomSeed(long seed) {
        note(true, "--random-seed", "has no effect: no method of this version draws numbers");
    }

    @Option(names = "--trust-remote-code", negatable = true, hidden = true)
    void trustRemoteCode(boolean on) {
        note(on, "--trust-remote-code", "has no effect: code of models is never run");
    }

    @Option(names = "--safe-serialization", negatable = true, hidden = true)
    void safeSerialization(boolean on) {
        if (!on) {
            refusals.add("--no-safe-serialization: only safetensors files are written");
        }
    }

    private void note(boolean given, String option, String text) {
        if (given) {
            notes.add("note: %s %s".formatted(option, text));
        }
    }

    /**
     * Says what was noted.
     *
     * @throws Refusal if something was refused
     */
    void apply(Surroundings surroundings, OutputOptions output) throws Refusal {
        if (!refusals.isEmpty()) {
            throw Refusal.of(
                    ExitCode.PLAN_REFUSED,
                    "PLN-201",
                    null,
                    String.join("; ", refusals),
                    "leave the option out");
        }
        if (!output.quiet()) {
            notes.forEach(surroundings.err()::println);
        }
    }
}
