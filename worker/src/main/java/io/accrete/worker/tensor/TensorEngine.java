package io.accrete.worker.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * libtorch in this process, with our own scripts loaded into it. Started by the first calculation,
 * so that a process which only copies never loads it.
 */
final class TensorEngine {
    private final PtNDManager manager;
    private final Map<Script, PtSymbolBlock> scripts = new EnumMap<>(Script.class);

    private TensorEngine(PtNDManager manager) {
        this.manager = manager;
    }

    /** Our own texts, by the class that each defines. */
    enum Script {
        MERGE("Merge", "merge.torchscript"),
        LLAMA("Llama", "llama.torchscript");

        private final String className;
        private final String resource;

        Script(String className, String resource) {
            this.className = className;
            this.resource = resource;
        }
    }

    /**
     * @throws EngineException if it does not start here
     */
    static TensorEngine running() {
        return Holder.engine();
    }

    /** For arrays that live until the process ends, or in a manager below this one. */
    PtNDManager manager() {
        return manager;
    }

    /** Loaded at first use; may be called from several threads at once. */
    synchronized PtSymbolBlock script(Script script) {
        return scripts.computeIfAbsent(script, this::load);
    }

    /**
     * To be called first on every thread that calculates: these three are settings of a thread. A
     * fixed number of threads, and no optimiser that would compile other code for the second call
     * than for the first, keep results the same bits.
     *
     * <p>On a GPU products of float32 stay float32: TF32 is off in libtorch unless
     * TORCH_ALLOW_TF32_CUBLAS_OVERRIDE turns it on, DJL has no way to say so, and what has it on by
     * default, cuDNN's convolutions and recurrent layers, is not used.
     */
    static void prepareThread(int threads) {
        JniUtils.setNumThreads(threads);
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(false);
    }

    private static TensorEngine start() {
        Path cache = NativeLibraries.prepare();
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        try {
            Engine.getEngine("PyTorch");
            prepareThread(1);
            return new TensorEngine(
                    (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch"));
        } catch (RuntimeException | LinkageError e) {
            throw new EngineException(
                    "the native tensor engine does not start here: its libraries are unpacked into %s, which this user must be able to write, with 500 MB free (DJL_CACHE_DIR names another folder); what it says is: %s"
                            .formatted(cache, firstLine(e)),
                    e);
        }
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("nothing");
    }

    private PtSymbolBlock load(Script script) {
        try (InputStream text = TensorEngine.class.getResourceAsStream(script.resource)) {
            if (text == null) {
                throw new FileNotFoundException(script.resource + " is not on the class path");
            }
            byte[] archive =
                    ScriptArchive.of(
                            script.className,
                            new String(text.readAllBytes(), StandardCharsets.UTF_8));
            return JniUtils.loadModule(manager, new ByteArrayInputStream(archive), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException("a part of this program is unreadable", e);
        }
    }

    /** Starts it once; a start that failed is tried again by the next caller. */
    private static final class Holder {
        private static @Nullable TensorEngine engine;

        private static synchronized TensorEngine engine() {
            if (engine == null) {
                engine = start();
            }
            return engine;
        }
    }
}
