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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * libtorch in this process, with our own script loaded into it. Started by the first calculation,
 * so that a process which only copies never loads it.
 */
final class TensorEngine {
    private static final String SCRIPT = "merge.torchscript";

    private final PtNDManager manager;
    private final PtSymbolBlock script;

    private TensorEngine(PtNDManager manager, PtSymbolBlock script) {
        this.manager = manager;
        this.script = script;
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

    /** May be called from several threads at once. */
    PtSymbolBlock script() {
        return script;
    }

    /**
     * To be called first on every thread that calculates: these three are settings of a thread. One
     * thread per calculation, and no optimiser that would compile other code for the second call
     * than for the first, keep results the same bits.
     */
    static void prepareThread() {
        JniUtils.setNumThreads(1);
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(false);
    }

    private static TensorEngine start() {
        Path cache = NativeCache.folder(System.getenv(), System::getProperty);
        // Read while the engine's classes load: nothing is ever downloaded or reported home.
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        System.setProperty("ENGINE_CACHE_DIR", cache.toString());
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        try {
            Engine.getEngine("PyTorch");
            prepareThread();
            PtNDManager manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
            byte[] archive = ScriptArchive.of("Merge", source());
            PtSymbolBlock script =
                    JniUtils.loadModule(manager, new ByteArrayInputStream(archive), true, false);
            return new TensorEngine(manager, script);
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new EngineException(
                    "the native tensor engine does not start here: its libraries are unpacked into %s, which this user must be able to write, with 500 MB free (DJL_CACHE_DIR names another folder); what it says is: %s"
                            .formatted(cache, firstLine(e)),
                    e);
        }
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("nothing");
    }

    private static String source() throws IOException {
        try (InputStream text = TensorEngine.class.getResourceAsStream(SCRIPT)) {
            if (text == null) {
                throw new FileNotFoundException(SCRIPT + " is missing from the class path");
            }
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
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
