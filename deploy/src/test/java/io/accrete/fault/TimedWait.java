package io.accrete.fault;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A program that waits for a second, and says whether it did, without being busy meanwhile. */
final class TimedWait {
    private static final int SECONDS_MAX = 20;

    private TimedWait() {}

    public static void main(String[] arguments) throws InterruptedException {
        Duration before = worked();
        long begun = System.nanoTime();
        new CountDownLatch(1).await(1, TimeUnit.SECONDS);
        boolean waited = System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(500);
        boolean idled = worked().minus(before).toMillis() < 300;
        System.exit(waited && idled ? 0 : 1);
    }

    private static Duration worked() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
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
