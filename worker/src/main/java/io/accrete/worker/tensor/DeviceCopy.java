package io.accrete.worker.tensor;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.ScriptCall;

/**
 * Moves values between devices, on any thread. Through our script, since DJL's own ways know no
 * bfloat16 and leave a copy behind in the manager of what is read from a GPU.
 */
final class DeviceCopy {
    private DeviceCopy() {}

    /** Another handle of the same values where they lie there already, else a copy. */
    static PtNDArray onto(PtNDArray array, ComputeDevice device, PtNDManager manager) {
        try (IValue source = IValue.from(array);
                IValue name = IValue.from(device.toString())) {
            return call("place", manager, source, name);
        }
    }

    /** The same in the processor's memory, one value after the other. */
    static PtNDArray onHost(PtNDArray array, PtNDManager manager) {
        try (IValue source = IValue.from(array)) {
            return call("host", manager, source);
        }
    }

    /**
     * Another handle of some of the values, where they lie.
     *
     * @param start the first of them, counted over all dimensions
     */
    static PtNDArray piece(PtNDArray array, long start, long count, PtNDManager manager) {
        try (IValue source = IValue.from(array);
                IValue from = IValue.from(start);
                IValue many = IValue.from(count)) {
            return call("piece", manager, source, from, many);
        }
    }

    private static PtNDArray call(String method, PtNDManager manager, IValue... arguments) {
        TensorEngine engine = TensorEngine.running();
        try (IValue moved =
                ScriptCall.run(engine.script(TensorEngine.Script.LLAMA), method, arguments)) {
            return moved.toTensor(manager);
        } catch (EngineException e) {
            throw new TensorException("`%s` failed: %s".formatted(method, e.getMessage()), e);
        }
    }
}
