package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * The one class of ours in DJL's package: calls any method of a TorchScript module with any
 * arguments, which DJL itself offers only for tensors.
 *
 * <p>It lies here because the native entry point is package-private. It therefore needs the class
 * path (not the module path) and the DJL version that the pom pins. Only {@code
 * io.accrete.worker.tensor} may use it.
 */
public final class ScriptCall {
    private ScriptCall() {}

    /**
     * In libtorch's inference mode: no autograd.
     *
     * @return to be closed by the caller, as the arguments are
     */
    public static IValue run(PtSymbolBlock module, String method, IValue... arguments) {
        long[] handles = new long[arguments.length];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = arguments[i].getHandle();
        }
        return new IValue(
                PyTorchLibrary.LIB.moduleRunMethod(
                        module.getHandle(), method, handles, false, false));
    }
}
