package io.accrete.worker;

import com.typesafe.config.Config;

import io.accrete.worker.link.LinkLimits;

import java.time.Duration;

/**
 * What may be set of a worker; {@code reference.conf} has the defaults and says what each is.
 *
 * <p>Some things can only be set by whoever starts the process, before Java runs. In the
 * environment: {@code OMP_NUM_THREADS=1} and {@code OMP_WAIT_POLICY=passive}, or the native engine
 * makes threads that spin beside ours. As system property: {@code accrete.home}, the folder of the
 * distribution, in whose {@code cache} folder the engine's libraries are then unpacked if it can be
 * written to (else in the user's cache folder; {@code DJL_CACHE_DIR} overrides both).
 *
 * @param name stable and unique in the cluster
 * @param slots tasks that it runs at the same time
 * @param threads that compute one task, at most
 * @param tick how often it looks at its clock
 * @param progress how often it reports how far its tasks are; at least at a third of a lease
 * @param retry after which it says again what was not answered; doubled each time
 * @param retryMax bound on that
 */
public record WorkerSettings(
        String name,
        int slots,
        int threads,
        Duration tick,
        Duration progress,
        Duration retry,
        Duration retryMax) {
    public WorkerSettings {
        if (slots < 1) {
            throw new IllegalArgumentException(
                    "accrete.worker.slots is %d, must be at least 1".formatted(slots));
        }
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "accrete.worker.threads is %d, must be at least 1".formatted(threads));
        }
    }

    /**
     * @param config with the section {@code accrete.worker}
     */
    public static WorkerSettings from(Config config) {
        Config settings = config.getConfig("accrete.worker");
        return new WorkerSettings(
                settings.getString("name"),
                settings.getInt("slots"),
                settings.getInt("threads"),
                settings.getDuration("tick"),
                settings.getDuration("progress"),
                settings.getDuration("retry"),
                settings.getDuration("retry-max"));
    }

    /**
     * Bounds on what goes between the stages of different processes.
     *
     * @param config with the section {@code accrete.worker}
     */
    public static LinkLimits links(Config config) {
        Config settings = config.getConfig("accrete.worker.link");
        return new LinkLimits(
                settings.getDuration("ping"),
                settings.getDuration("silence"),
                settings.getDuration("handshake"),
                settings.getDuration("connect"));
    }

    /** The same worker under another name. */
    public WorkerSettings named(String other) {
        return new WorkerSettings(other, slots, threads, tick, progress, retry, retryMax);
    }

    /** Threads that compute one task, where so many workers share so many cores. */
    int threads(int cores, int workers) {
        return Math.clamp(cores / ((long) workers * slots), 1, threads);
    }
}
