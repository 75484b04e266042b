package io.accrete.coordinator.http;

import com.typesafe.config.Config;

import java.time.Duration;

/**
 * Bounds of the server; {@code reference.conf} has the defaults and says what each is.
 *
 * @param bodyBytesMax of a request
 * @param bodyTimeout in which it must have arrived
 * @param watchersMax of all jobs on one node
 * @param watcherEventsMax events that wait for a slow watcher
 * @param heartbeat after which a silent stream of events says that it is alive
 */
public record ApiSettings(
        long bodyBytesMax,
        Duration bodyTimeout,
        int watchersMax,
        int watcherEventsMax,
        Duration heartbeat) {
    public ApiSettings {
        if (bodyTimeout.toMillis() < 1 || heartbeat.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "accrete.http.body-timeout and heartbeat are 1 ms at least");
        }
        if (watchersMax < 0 || watcherEventsMax < 1) {
            throw new IllegalArgumentException(
                    "accrete.http.watchers-max is 0 at least, and watcher-events-max 1");
        }
    }

    /**
     * @param config with the section {@code accrete.http}
     */
    public static ApiSettings from(Config config) {
        Config settings = config.getConfig("accrete.http");
        return new ApiSettings(
                settings.getBytes("body-bytes-max"),
                settings.getDuration("body-timeout"),
                settings.getInt("watchers-max"),
                settings.getInt("watcher-events-max"),
                settings.getDuration("heartbeat"));
    }
}
