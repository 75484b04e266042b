package io.accrete.fault;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A program that waits for a second: with a library that moves clocks, some machines do not. */
final class TimedWait {
    private static final int SECONDS_MAX = 20;

    private TimedWait() {}

    public static void main(String[] arguments) throws InterruptedException {
        long begun = System.nanoTime();
        new CountDownLatch(1).await(1, TimeUnit.SECONDS);
        System.exit(System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(500) ? 1 : 0);
    }

    /**
     * Whether it does.
     *
     * @param within a program and its arguments that start another
     */
    static boolean works(List<String> within) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(within);
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), TimedWait.class.getName()));
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return false;
        }
        return process.exitValue() == 0;
    }
}
