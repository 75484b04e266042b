package io.accrete.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C of who watches a job: the job goes on, and he is told how to come back to it. */
final class Detachment implements AutoCloseable {
    private final String job;
    private final Surroundings surroundings;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final Thread hook = new Thread(this::come, "accrete-detaches");

    private Detachment(String job, Surroundings surroundings) {
        this.job = job;
        this.surroundings = surroundings;
    }

    /** Listens until closed. */
    static Detachment of(String job, Surroundings surroundings) {
        Detachment detachment = new Detachment(job, surroundings);
        Runtime.getRuntime().addShutdownHook(detachment.hook);
        return detachment;
    }

    String job() {
        return job;
    }

    private void come() {
        asked.countDown();
        surroundings
                .err()
                .printf("detached; the job goes on, `accrete watch %s` comes back to it%n", job);
    }

    /** Waits for it. */
    boolean comesWithin(Duration time) throws InterruptedException {
        return asked.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException processIsEnding) {
            return; // and the hook runs, which is what it is for
        }
    }
}
