package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

import org.junit.jupiter.api.Test;

import java.util.List;

class PresentDeviceTest {
    @Test
    void aGpuThatTheEngineCannotUseIsRefusedWithWhatThereIs() {
        assumeFalse(
                String.valueOf(System.getenv("PYTORCH_FLAVOR")).startsWith("cu"),
                "this libtorch has CUDA");
        assertThatThrownBy(() -> PresentDevice.of(new ComputeDevice.Cuda(0)))
                .isInstanceOf(DeviceAbsentException.class)
                .hasMessageContaining("there is no cuda:0: this libtorch has no CUDA")
                .hasMessageContaining("the NVIDIA driver");
    }

    @Test
    void aGpuBeyondThoseThereAreIsRefusedByTheirNames() {
        DeviceAbsentException refusal =
                DeviceAbsentException.of(
                        new ComputeDevice.Cuda(2),
                        "at x.py\nRuntimeError: CUDA error: invalid device ordinal\nmore",
                        2);
        assertThat(refusal)
                .hasMessage(
                        "there is no cuda:2 that can be computed on: the NVIDIA driver shows 2"
                            + " GPUs, cuda:0 to cuda:1; the engine says: RuntimeError: CUDA error:"
                            + " invalid device ordinal");
        assertThat(refusal.fix()).contains("CUDA_VISIBLE_DEVICES");
    }

    @Test
    void withoutADriverThereAreNoGpus() {
        assertThat(CudaDriver.gpus("libno-such-driver.so.1")).isEmpty();
    }

    @Test
    void namesAreReadInTheirOrder() {
        assertThat(ComputeDevice.list("cuda:1, cpu,cuda:0"))
                .isEqualTo(
                        List.of(
                                new ComputeDevice.Cuda(1),
                                new ComputeDevice.Cpu(),
                                new ComputeDevice.Cuda(0)));
        assertThatThrownBy(() -> ComputeDevice.list("cpu,"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a device is cpu or cuda:N");
    }

    @Test
    void whatLiesOnTheDeviceIsNotCopiedAndWhatIsReadEndsWithItsReader() {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            Tensor zeros = arithmetic.zeros(Shape.of(2), DType.F32, scope);
            assertThat(scope.placed(zeros)).isSameAs(zeros);
            int before = scope.tensors();
            try (HostBytes host = zeros.host()) {
                host.bytes().putFloat(4, 3);
            }
            assertThat(zeros.floats()).containsExactly(0, 3);
            assertThat(scope.tensors()).isEqualTo(before);
        }
    }
}
