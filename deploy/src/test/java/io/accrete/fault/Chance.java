package io.accrete.fault;

import org.awaitility.Awaitility;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * What a test leaves to chance: decided by {@code -Daccrete.seed} and the name of the test, so that
 * one that is run alone does what it does among the others.
 */
final class Chance {
    static final long SEED = Long.getLong("accrete.seed", 1);

    private final Random random;

    private Chance(Random random) {
        this.random = random;
    }

    static Chance of(String name) {
        return new Chance(new Random(SEED * 31 + name.hashCode()));
    }

    /** Both are possible. */
    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    Duration between(Duration least, Duration most) {
        return Duration.ofMillis(random.nextLong(least.toMillis(), most.toMillis() + 1));
    }

    /** Nothing is waited for: it only moves what comes next to another moment. */
    void pause(Duration most) {
        pause(Duration.ZERO, most);
    }

    /** As {@link #pause(Duration)}, for a time that has to go by. */
    void pause(Duration least, Duration most) {
        Duration time = between(least, most);
        Awaitility.await().pollDelay(time).timeout(time.plusMinutes(1)).until(() -> true);
    }
}
