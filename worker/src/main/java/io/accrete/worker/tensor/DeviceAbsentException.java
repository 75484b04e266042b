package io.accrete.worker.tensor;

import java.util.Locale;

/** A device that was asked for cannot be computed on here. */
public final class DeviceAbsentException extends Exception {
    private static final long serialVersionUID = 1;

    private final String fix;

    private DeviceAbsentException(String message, String fix) {
        super(message);
        this.fix = fix;
    }

    /**
     * @param failure what the engine said
     * @param gpus that the driver shows
     */
    static DeviceAbsentException of(ComputeDevice.Cuda asked, String failure, int gpus) {
        String seen =
                switch (gpus) {
                    case 0 -> "the NVIDIA driver of this machine (libcuda.so.1) shows no GPU";
                    case 1 -> "the NVIDIA driver shows 1 GPU, cuda:0";
                    default ->
                            "the NVIDIA driver shows %d GPUs, cuda:0 to cuda:%d"
                                    .formatted(gpus, gpus - 1);
                };
        if (hasNoCuda(failure)) {
            return new DeviceAbsentException(
                    "there is no %s: this libtorch has no CUDA and computes on cpu alone; %s"
                            .formatted(asked, seen),
                    "name a libtorch with CUDA: PYTORCH_LIBRARY_PATH=FOLDER, PYTORCH_VERSION and"
                            + " PYTORCH_FLAVOR=cu128 (docs/operations.md, \"GPUs\"), or use cpu");
        }
        return new DeviceAbsentException(
                "there is no %s that can be computed on: %s; the engine says: %s"
                        .formatted(asked, seen, line(failure)),
                gpus == 0
                        ? "look whether `nvidia-smi` shows one here, or use cpu"
                        : "name one of those (CUDA_VISIBLE_DEVICES leaves others out), or use cpu");
    }

    private static boolean hasNoCuda(String failure) {
        String lower = failure.toLowerCase(Locale.ROOT);
        return lower.contains("not linked with support for cuda")
                || lower.contains("from the 'cuda' backend")
                || lower.contains("torch not compiled with cuda");
    }

    /** The last line of a script's trace is the reason. */
    private static String line(String failure) {
        return failure.lines()
                .map(String::strip)
                .filter(line -> line.contains("Error:"))
                .reduce((_, last) -> last)
                .orElseGet(() -> failure.lines().findFirst().orElse("nothing"));
    }

    /** What to do. */
    public String fix() {
        return fix;
    }
}
