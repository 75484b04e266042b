package io.accrete.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a command gets from the process that it runs in.
 *
 * @param directory absolute; relative paths of the command line count from here
 * @param out what was asked for
 * @param err what is said beside it: progress, notes, errors
 * @param environment variables
 * @param outIsTerminal whether a person sees {@code out} as it is written
 * @param errIsTerminal the same of {@code err}
 */
record Surroundings(
        Path directory,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        boolean outIsTerminal,
        boolean errIsTerminal) {

    /** Of this process. */
    static Surroundings ofProcess() {
        return new Surroundings(
                Path.of("").toAbsolutePath(),
                isPipe(1) ? new OutputPipe(FileDescriptor.out) : stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                System.getenv(),
                isTerminal(1),
                isTerminal(2));
    }

    /** See https://no-color.org. */
    boolean outHasColour() {
        return outIsTerminal
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }

    /** An argument that names a file or folder. */
    Path resolve(String argument) {
        return directory.resolve(argument).normalize();
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    private static boolean isPipe(int descriptor) {
        try {
            String device = device(descriptor);
            return device.startsWith("pipe:") || device.startsWith("socket:");
        } catch (IOException noProc) {
            return false;
        }
    }

    private static String device(int descriptor) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
    }

    /** Reads a link, since the JDK's own answer loads a line editor, which takes 50 ms. */
    private static boolean isTerminal(int descriptor) {
        try {
            String device = device(descriptor);
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
        } catch (IOException noProc) {
            return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        }
    }
}
