package io.accrete.worker.merge;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An open file as Linux sees it, for the request that Java has no words for: to share blocks with
 * another file. It is a wish: where the system has no ear for it nothing is lost but speed.
 */
final class LinuxFile implements AutoCloseable {
    private static final int READ_ONLY = 0;
    private static final int READ_WRITE = 2;
    private static final int CLOSE_ON_EXEC = 0x80000;

    /** {@code FICLONERANGE} of {@code linux/fs.h}: its number on x86-64 and AArch64. */
    private static final long CLONE_RANGE = 0x4020_940dL;

    private static final @Nullable Calls CALLS = Calls.find();

    private final Calls calls;
    private final int descriptor;

    private LinuxFile(Calls calls, int descriptor) {
        this.calls = calls;
        this.descriptor = descriptor;
    }

    /** A second descriptor of an existing file; empty where this system has no such calls. */
    static Optional<LinuxFile> open(Path file, boolean writable) {
        if (CALLS == null) {
            return Optional.empty();
        }
        int descriptor = CALLS.open(file, (writable ? READ_WRITE : READ_ONLY) | CLOSE_ON_EXEC);
        return descriptor < 0 ? Optional.empty() : Optional.of(new LinuxFile(CALLS, descriptor));
    }

    /**
     * Lets a range of this file be the same blocks as one of {@code source}. Offsets and length
     * must be multiples of the block size.
     *
     * @return false where the file system cannot: then the range is to be written in another way
     */
    boolean share(LinuxFile source, long sourceOffset, long targetOffset, long bytes) {
        return calls.cloneRange(descriptor, source.descriptor, sourceOffset, targetOffset, bytes);
    }

    @Override
    public void close() {
        calls.close(descriptor);
    }

    private record Calls(MethodHandle open, MethodHandle ioctl, MethodHandle close) {

        static @Nullable Calls find() {
            if (!System.getProperty("os.name").equals("Linux")) {
                return null;
            }
            try {
                return new Calls(
                        function("open", 2, JAVA_INT, ADDRESS, JAVA_INT),
                        function("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                        function("close", 0, JAVA_INT, JAVA_INT));
            } catch (RuntimeException | LinkageError e) {
                return null; // another C library, or native access is denied: copies still work
            }
        }

        @SuppressWarnings("restricted") // granted to the whole class path, as DJL needs it too
        private static MethodHandle function(
                String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
            Linker linker = Linker.nativeLinker();
            FunctionDescriptor type = FunctionDescriptor.of(result, arguments);
            MemorySegment address = linker.defaultLookup().findOrThrow(name);
            return fixed == 0
                    ? linker.downcallHandle(address, type)
                    : linker.downcallHandle(address, type, Linker.Option.firstVariadicArg(fixed));
        }

        int open(Path file, int flags) {
            try (Arena arena = Arena.ofConfined()) {
                return (int) open.invokeExact(arena.allocateFrom(file.toString()), flags);
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        boolean cloneRange(int target, int source, long from, long to, long bytes) {
            try (Arena arena = Arena.ofConfined()) {
                // struct file_clone_range { s64 src_fd; u64 src_offset, src_length, dest_offset; }
                MemorySegment range = arena.allocateFrom(JAVA_LONG, source, from, bytes, to);
                return (int) ioctl.invokeExact(target, CLONE_RANGE, range) == 0;
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        void close(int file) {
            try {
                int ignored = (int) close.invokeExact(file);
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        /** A downcall itself throws nothing; what does come is an error of the machine. */
        private static Error unexpected(Throwable e) {
            return e instanceof Error error ? error : new AssertionError(e);
        }
    }
}
