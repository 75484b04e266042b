package io.accrete.worker.tensor;

import ai.djl.Device;

import java.util.Arrays;
import java.util.List;

/** Where a worker's tensors lie and are computed with: the processor, or one GPU. */
public sealed interface ComputeDevice {

    record Cpu() implements ComputeDevice {
        @Override
        public String toString() {
            return "cpu";
        }
    }

    /**
     * A GPU that CUDA drives.
     *
     * @param index counted from 0
     */
    record Cuda(int index) implements ComputeDevice {
        @Override
        public String toString() {
            return "cuda:" + index;
        }
    }

    /**
     * @param text {@code cpu} or {@code cuda:N}
     * @throws IllegalArgumentException with a sentence for people
     */
    static ComputeDevice parse(String text) {
        if (text.equals("cpu")) {
            return new Cpu();
        }
        if (text.matches("cuda:\\d{1,4}")) {
            return new Cuda(Integer.parseInt(text, "cuda:".length(), text.length(), 10));
        }
        throw new IllegalArgumentException(
                "`%s` is no device; a device is cpu or cuda:N with N from 0".formatted(text));
    }

    /**
     * Several, in their order.
     *
     * @param text their names, separated by commas
     * @throws IllegalArgumentException with a sentence for people
     */
    static List<ComputeDevice> list(String text) {
        return Arrays.stream(text.strip().split("\\s*,\\s*", -1))
                .map(ComputeDevice::parse)
                .toList();
    }

    /** As the engine names it. */
    default Device device() {
        return switch (this) {
            case Cpu() -> Device.cpu();
            case Cuda(int index) -> Device.gpu(index);
        };
    }
}
