package io.accrete.worker.tensor;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.ScriptCall;

/** A thread that calls one of our scripts; no other thread may. */
final class ScriptThread {
    private final Thread owner = Thread.currentThread();
    private final PtSymbolBlock script;

    private ScriptThread(PtSymbolBlock script) {
        this.script = script;
    }

    /**
     * Makes the current thread one.
     *
     * @param threads that a call may use
     */
    static ScriptThread current(TensorEngine.Script script, int threads) {
        TensorEngine engine = TensorEngine.running();
        TensorEngine.prepareThread(threads);
        return new ScriptThread(engine.script(script));
    }

    /**
     * @return to be closed by the caller
     */
    IValue call(String method, ScriptArguments arguments) {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException(
                    "opened by thread %s, used by %s".formatted(owner, Thread.currentThread()));
        }
        try {
            return ScriptCall.run(script, method, arguments.values());
        } catch (EngineException e) {
            throw new TensorException("`%s` failed: %s".formatted(method, e.getMessage()), e);
        }
    }
}
