package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;

class NumericClassTest {
    private static final String PROCESSOR =
            """
            processor\t: 0
            vendor_id\t: AuthenticAMD
            flags\t\t: fpu sse2 avx fma avx2%s
            """;

    @Test
    void theWidestKernelsOfTheProcessorNameTheClass() {
        assertThat(of(Map.of(), PROCESSOR.formatted("")))
                .isEqualTo("libtorch-2.7.1 amd64 avx2 AuthenticAMD 1-thread");
        assertThat(of(Map.of(), PROCESSOR.formatted(" avx512f avx512dq avx512bw avx512vl")))
                .contains(" avx512 ");
        assertThat(of(Map.of(), PROCESSOR.formatted(" avx512f"))).contains(" avx2 ");
    }

    @Test
    void whatTheEnvironmentForcesCounts() {
        Map<String, String> forced =
                Map.of("ATEN_CPU_CAPABILITY", "default", "PYTORCH_VERSION", "2.7.0");

        assertThat(of(forced, PROCESSOR.formatted("")))
                .isEqualTo("libtorch-2.7.0 amd64 default AuthenticAMD 1-thread");
    }

    @Test
    void aMachineWithoutAListOfProcessorsHasAClassToo() {
        assertThat(of(Map.of(), "")).isEqualTo("libtorch-2.7.1 amd64 default unknown 1-thread");
    }

    @Test
    void thisMachineNamesTheEngineOfTheBuild() {
        assertThat(NumericClass.ofThisMachine()).startsWith("libtorch-2.7.1 ");
    }

    @Test
    void aGpuIsAnotherClassThanTheProcessorAndThanAPartOfItself() {
        String whole = onGpu(132);
        assertThat(whole)
                .startsWith(NumericClass.ofThisMachine())
                .endsWith(" cuda:NVIDIA-H200-132");
        assertThat(whole).isNotEqualTo(NumericClass.of(PresentDevice.cpu()));
        assertThat(onGpu(16)).isNotEqualTo(whole);
    }

    private static String onGpu(int multiprocessors) {
        CudaDriver.Gpu gpu = new CudaDriver.Gpu("NVIDIA H200", multiprocessors, 1L << 37);
        return NumericClass.of(PresentDevice.of(new ComputeDevice.Cuda(0), gpu));
    }

    private static String of(Map<String, String> environment, String processors) {
        return NumericClass.of("2.7.1", environment, processors, "amd64");
    }
}
