package io.accrete.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A standard output that another process reads; it fails only where that process has gone. */
final class OutputPipe extends PrintStream {
    OutputPipe(FileDescriptor descriptor) {
        this(new FileOutputStream(descriptor));
    }

    OutputPipe(OutputStream out) {
        super(out, true, StandardCharsets.UTF_8);
    }
}
