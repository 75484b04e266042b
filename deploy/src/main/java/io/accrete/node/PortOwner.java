package io.accrete.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The process that listens on a port, as Linux tells.
 *
 * @param name of its program
 * @param command line of it
 */
record PortOwner(long pid, String name, String command) {
    private static final String MAIN = "io.accrete.cli.Main";
    private static final Path PROC = Path.of("/proc");
    private static final String LISTENS = "0A";
    private static final int STATE = 3;
    private static final int INODE = 9;

    /** Empty where it is not known: another user's processes do not show what they hold. */
    static Optional<PortOwner> of(int port) {
        try {
            List<String> sockets = new ArrayList<>();
            for (String table : List.of("tcp", "tcp6")) {
                sockets.addAll(sockets(PROC.resolve("net").resolve(table), port));
            }
            return sockets.isEmpty() ? Optional.empty() : holder(sockets);
        } catch (IOException noProc) {
            return Optional.empty();
        }
    }

    private static List<String> sockets(Path table, int port) throws IOException {
        if (!Files.isReadable(table)) {
            return List.of();
        }
        String local = ":%04X".formatted(port);
        return Files.readAllLines(table, StandardCharsets.US_ASCII).stream()
                .map(line -> line.strip().split("\\s+", -1))
                .filter(fields -> fields.length > INODE)
                .filter(fields -> fields[1].endsWith(local) && fields[STATE].equals(LISTENS))
                .map(fields -> "socket:[%s]".formatted(fields[INODE]))
                .toList();
    }

    private static Optional<PortOwner> holder(List<String> sockets) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process, sockets)) {
                    String name = Files.readString(process.resolve("comm")).strip();
                    return Optional.of(
                            new PortOwner(
                                    Long.parseLong(process.getFileName() + ""),
                                    name,
                                    Files.readString(process.resolve("cmdline"))));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(Path process, List<String> sockets) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (sockets.contains(Files.readSymbolicLink(file).toString())) {
                    return true;
                }
            }
            return false;
        } catch (IOException otherUserOrEnded) {
            return false;
        }
    }

    /** Whether it is a process of Accrete. */
    boolean isNode() {
        return command.contains(MAIN);
    }

    @Override
    public String toString() {
        return "%s (process %d)".formatted(name, pid);
    }
}
