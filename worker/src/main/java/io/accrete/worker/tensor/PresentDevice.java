package io.accrete.worker.tensor;

import com.sun.management.OperatingSystemMXBean;

import io.accrete.protocol.tensor.Shape;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/**
 * A device that is there and that the engine computes on.
 *
 * @param model as its maker calls it; empty for the processor
 * @param numericClass what it adds to the name of what decides bits; empty for the processor
 * @param memoryBytes all that it has, whoever uses it; 0 if nobody knows
 */
public record PresentDevice(
        ComputeDevice device, String model, String numericClass, long memoryBytes) {

    /** The processor, with the machine's memory. */
    public static PresentDevice cpu() {
        long bytes =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getTotalMemorySize();
        return new PresentDevice(new ComputeDevice.Cpu(), "", "", bytes);
    }

    /**
     * Computes on a GPU, which loads the engine: only that shows that it can be.
     *
     * @throws DeviceAbsentException if it cannot
     */
    public static PresentDevice of(ComputeDevice device) throws DeviceAbsentException {
        return switch (device) {
            case ComputeDevice.Cpu() -> cpu();
            case ComputeDevice.Cuda cuda -> {
                List<CudaDriver.Gpu> gpus = CudaDriver.gpus();
                Optional<String> failure = failure(cuda);
                if (failure.isPresent()) {
                    throw DeviceAbsentException.of(cuda, failure.get(), gpus.size());
                }
                yield cuda.index() < gpus.size()
                        ? of(cuda, gpus.get(cuda.index()))
                        : new PresentDevice(cuda, "", "cuda", 0);
            }
        };
    }

    static PresentDevice of(ComputeDevice.Cuda cuda, CudaDriver.Gpu gpu) {
        String kind = "cuda:%s-%d".formatted(gpu.model().replace(' ', '-'), gpu.multiprocessors());
        return new PresentDevice(cuda, gpu.model(), kind, gpu.memoryBytes());
    }

    /** What the engine says when it is to compute there; empty if it can. */
    private static Optional<String> failure(ComputeDevice.Cuda cuda) {
        try (TensorScope scope = TensorScope.open(cuda)) {
            Tensor one = scope.floats(new float[] {1}, Shape.of(1));
            LlamaArithmetic.onThisThread(1).scale(one, 2);
            return one.floats()[0] == 2 ? Optional.empty() : Optional.of("it computes 1 x 2 wrong");
        } catch (TensorException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
