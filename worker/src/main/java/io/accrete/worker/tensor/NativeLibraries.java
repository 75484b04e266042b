package io.accrete.worker.tensor;

import java.nio.file.Path;

/** Where the native libraries are unpacked, told to them before the first of them is loaded. */
public final class NativeLibraries {
    private NativeLibraries() {}

    /**
     * Before the first use of any class of DJL: its classes read these while they are loaded.
     * Nothing is ever downloaded or reported home.
     *
     * @return the folder into which they are unpacked
     */
    public static Path prepare() {
        Path cache = NativeCache.folder(System.getenv(), System::getProperty);
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        System.setProperty("ENGINE_CACHE_DIR", cache.toString());
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        return cache;
    }
}
