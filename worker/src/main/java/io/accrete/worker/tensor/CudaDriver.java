package io.accrete.worker.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What NVIDIA's driver says of the GPUs of this machine. Asked without libtorch, which has no way
 * to tell; in the order of its devices, and only those that {@code CUDA_VISIBLE_DEVICES} shows.
 */
final class CudaDriver {
    private static final String LIBRARY = "libcuda.so.1";
    private static final int NAME_BYTES_MAX = 256;

    /** Numbers of {@code CUdevice_attribute}. */
    private static final int MULTIPROCESSORS = 16;

    /**
     * A GPU.
     *
     * @param multiprocessors by which its libraries divide their work, and so part of what decides
     *     bits; fewer than the model has in a slice of it
     */
    record Gpu(String model, int multiprocessors, long memoryBytes) {}

    private final SymbolLookup library;
    private final Arena arena;

    private CudaDriver(SymbolLookup library, Arena arena) {
        this.library = library;
        this.arena = arena;
    }

    /** None without a driver, or where it fails. */
    static List<Gpu> gpus() {
        return gpus(LIBRARY);
    }

    /**
     * @param library a file, or a name that the loader looks for
     */
    @SuppressWarnings("restricted") // the engine beside it is native code too
    static List<Gpu> gpus(String library) {
        try (Arena arena = Arena.ofConfined()) {
            // Never unloaded: libtorch uses the same library.
            SymbolLookup driver = SymbolLookup.libraryLookup(library, Arena.global());
            return new CudaDriver(driver, arena).all();
        } catch (IllegalArgumentException | IllegalStateException none) {
            return List.of();
        }
    }

    private List<Gpu> all() {
        ask("cuInit", 0);
        MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
        ask("cuDeviceGetCount", number);
        int count = number.get(ValueLayout.JAVA_INT, 0);
        List<Gpu> gpus = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            ask("cuDeviceGet", number, index);
            int device = number.get(ValueLayout.JAVA_INT, 0);
            MemorySegment name = arena.allocate(NAME_BYTES_MAX);
            ask("cuDeviceGetName", name, NAME_BYTES_MAX, device);
            MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
            ask("cuDeviceTotalMem_v2", bytes, device);
            ask("cuDeviceGetAttribute", number, MULTIPROCESSORS, device);
            gpus.add(
                    new Gpu(
                            name.getString(0),
                            number.get(ValueLayout.JAVA_INT, 0),
                            bytes.get(ValueLayout.JAVA_LONG, 0)));
        }
        return gpus;
    }

    /**
     * @param arguments addresses and ints
     * @throws IllegalStateException if it answers with an error
     */
    @SuppressWarnings("restricted")
    private void ask(String function, Object... arguments) {
        MemoryLayout[] layouts =
                Stream.of(arguments)
                        .map(a -> a instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS)
                        .toArray(MemoryLayout[]::new);
        int status;
        try {
            status =
                    (int)
                            Linker.nativeLinker()
                                    .downcallHandle(
                                            library.findOrThrow(function),
                                            FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts))
                                    .invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " cannot be called: " + e, e);
        }
        if (status != 0) {
            throw new IllegalStateException("%s answers %d".formatted(function, status));
        }
    }
}
