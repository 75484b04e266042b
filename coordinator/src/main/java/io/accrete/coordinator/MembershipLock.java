package io.accrete.coordinator;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Who may found a cluster: a node that finds no living member of one at the database that holds the
 * journal. Every member holds the lock shared, for as long as its process lives and reaches the
 * database; a founder must have it alone. So a node that comes up cut off from the others, or
 * before them, founds no second cluster beside theirs, whichever stands first in the list of seeds.
 *
 * <p>A database that is started again lets go of all locks at once. So a founder has to find the
 * lock free for longer than members take to hold it again; and clusters are counted, so that
 * members who were away for longer still see that another one was founded, and end.
 */
public final class MembershipLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MembershipLock.class);

    /** Any number that nobody else locks. */
    private static final long KEY = 0x6d65_6d62_6572L;

    /** Counts those who hold it shared. */
    static final String MEMBERS =
            ("(SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND mode ="
                 + " 'ShareLock' AND granted AND (classid::bigint << 32) + objid::bigint = %d AND"
                 + " database = (SELECT oid FROM pg_database WHERE datname = current_database()))")
                    .formatted(KEY);

    private static final Duration LOOK = Duration.ofSeconds(2);

    /** How long nobody may hold it before another cluster is founded. */
    private static final Duration GRACE = LOOK.multipliedBy(3);

    private final String url;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("accrete-membership").factory());
    private Connection connection;
    private boolean alone;
    private boolean held;
    private OptionalLong freeSinceNanos = OptionalLong.empty();
    private long cluster;
    private @Nullable Future<?> looking;

    private MembershipLock(String url, Connection connection) {
        this.url = url;
        this.connection = connection;
    }

    static MembershipLock at(String url) throws SQLException {
        return new MembershipLock(url, DriverManager.getConnection(url));
    }

    /**
     * Whether this node may found the cluster; then nobody else may before {@link #join}. To be
     * asked again while it may not.
     */
    public synchronized boolean mayFound() throws SQLException {
        if (members() > 0) {
            freeSinceNanos = OptionalLong.empty();
            return false;
        }
        long now = System.nanoTime();
        if (freeSinceNanos.isEmpty()) {
            freeSinceNanos = OptionalLong.of(now);
        }
        boolean gone = clusters() == 0 || now - freeSinceNanos.getAsLong() >= GRACE.toNanos();
        alone = gone && number("SELECT pg_try_advisory_lock(%d)::int") == 1;
        if (alone) {
            run(
                    "INSERT INTO accrete_cluster AS c (one, number) VALUES (true, 1)"
                            + " ON CONFLICT (one) DO UPDATE SET number = c.number + 1");
        }
        return alone;
    }

    /** Who hold the lock shared. */
    private long members() throws SQLException {
        return number("SELECT " + MEMBERS);
    }

    /** That were founded so far. */
    private long clusters() throws SQLException {
        return number("SELECT coalesce(max(number), 0) FROM accrete_cluster");
    }

    /**
     * To be called when this node is a member, not before: who only waits to become one must not
     * keep others from founding. Blocks while another one founds.
     *
     * @param superseded what to do when another cluster was founded while this node did not hold
     *     the lock: two of them must not work at one journal, and the later one goes on
     */
    public synchronized void join(Runnable superseded) throws SQLException {
        run("SELECT pg_advisory_lock_shared(%d)");
        held = true;
        cluster = clusters();
        if (alone) {
            run("SELECT pg_advisory_unlock(%d)");
            alone = false;
        }
        looking =
                watch.scheduleWithFixedDelay(
                        () -> look(superseded),
                        LOOK.toMillis(),
                        LOOK.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** The database lets go of the lock when it loses the connection: take it again. */
    private synchronized void look(Runnable superseded) {
        try {
            if (held && connection.isValid((int) LOOK.toSeconds())) {
                return;
            }
            boolean isNews = held;
            held = false;
            connection.close();
            takeAgain(isNews, superseded);
        } catch (SQLException e) {
            LOG.warn("the connection of the membership lock: {}", e.getMessage());
        }
    }

    /**
     * @param isNews whether nobody has been told yet that it is lost
     */
    private void takeAgain(boolean isNews, Runnable superseded) {
        try {
            connection = DriverManager.getConnection(url);
            run("SELECT pg_advisory_lock_shared(%d)");
            boolean goesOn = clusters() == cluster;
            held = true;
            if (goesOn) {
                LOG.info("the membership lock is held again");
            } else {
                LOG.warn("another cluster was founded at the journal, and goes on alone");
                superseded.run();
            }
        } catch (SQLException e) {
            if (isNews) {
                LOG.warn(
                        "the membership lock is lost; it is tried again every {} s: {}",
                        LOOK.toSeconds(),
                        e.getMessage());
            }
        }
    }

    private void run(String statement) throws SQLException {
        try (Statement sql = connection.createStatement()) {
            sql.execute(statement.formatted(KEY));
        }
    }

    private long number(String question) throws SQLException {
        try (Statement sql = connection.createStatement();
                ResultSet answer = sql.executeQuery(question.formatted(KEY))) {
            answer.next();
            return answer.getLong(1);
        }
    }

    /** Lets go; the end of the process does too. */
    @Override
    public synchronized void close() throws SQLException {
        if (looking != null) {
            looking.cancel(false);
        }
        watch.shutdown();
        connection.close();
    }
}
