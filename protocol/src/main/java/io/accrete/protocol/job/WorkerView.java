package io.accrete.protocol.job;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/**
 * A worker as the coordinator sees it at one moment.
 *
 * @param worker its name
 * @param slots tasks that it runs at the same time
 * @param running files that it writes
 * @param device what it computes stages of trainings on
 * @param numericClass results of computed tensors agree bit for bit within one class
 * @param leaving it gets no more tasks
 * @param reason why it gets no more tasks, or none of some job; or what failed on it last
 * @param silentSeconds since it was last heard of
 */
public record WorkerView(
        String worker,
        String host,
        long pid,
        int slots,
        List<String> running,
        WorkerDevice device,
        String numericClass,
        String version,
        boolean leaving,
        Optional<String> reason,
        long silentSeconds) {

    /**
     * @param device none from a server of before there was a choice
     */
    public WorkerView(
            String worker,
            String host,
            long pid,
            int slots,
            List<String> running,
            @Nullable WorkerDevice device,
            String numericClass,
            String version,
            boolean leaving,
            Optional<String> reason,
            long silentSeconds) {
        this.worker = worker;
        this.host = host;
        this.pid = pid;
        this.slots = slots;
        this.running = List.copyOf(running);
        this.device = device == null ? WorkerDevice.CPU : device;
        this.numericClass = numericClass;
        this.version = version;
        this.leaving = leaving;
        this.reason = reason;
        this.silentSeconds = silentSeconds;
    }
}
