package io.accrete.protocol.job;

import java.util.List;
import java.util.Optional;

/**
 * A worker as the coordinator sees it at one moment.
 *
 * @param worker its name
 * @param slots tasks that it runs at the same time
 * @param running files that it writes
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
        String numericClass,
        String version,
        boolean leaving,
        Optional<String> reason,
        long silentSeconds) {
    public WorkerView {
        running = List.copyOf(running);
    }
}
