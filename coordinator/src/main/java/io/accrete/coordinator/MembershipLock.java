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
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Who may found a cluster: a node that finds no living member of one at the database that holds the
 * journal. Every member holds the lock shared, for as long as its process lives and reaches the
 * database; a founder must have it alone. So a node that comes up cut off from the others, or
 * before them, founds no second cluster beside theirs, whichever stands first in the list of seeds.
 */
public final class MembershipLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MembershipLock.class);

    /** Any number that nobody else locks. */
    private static final long KEY = 0x6d65_6d62_6572L;

    private static final Duration LOOK = Duration.ofSeconds(5);

    private final String url;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("accrete-membership").factory());
    private Connection connection;
    private boolean alone;
    private @Nullable Future<?> looking;

    private MembershipLock(String url, Connection connection) {
        this.url = url;
        this.connection = connection;
    }

    static MembershipLock at(String url) throws SQLException {
        return new MembershipLock(url, DriverManager.getConnection(url));
    }

    /** Whether this node may found the cluster; then nobody else may before {@link #join}. */
    public synchronized boolean mayFound() throws SQLException {
        alone = ask("SELECT pg_try_advisory_lock(%d)");
        return alone;
    }

    /**
     * To be called when this node is a member, not before: who only waits to become one must not
     * keep others from founding. Blocks while another one founds.
     */
    public synchronized void join() throws SQLException {
        run("SELECT pg_advisory_lock_shared(%d)");
        if (alone) {
            run("SELECT pg_advisory_unlock(%d)");
            alone = false;
        }
        looking =
                watch.scheduleWithFixedDelay(
                        this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The database lets go of the lock when it loses the connection: take it again. */
    private synchronized void look() {
        try {
            if (!connection.isValid((int) LOOK.toSeconds())) {
                connection.close();
                connection = DriverManager.getConnection(url);
                run("SELECT pg_advisory_lock_shared(%d)");
                LOG.info("the membership lock is held again");
            }
        } catch (SQLException e) {
            LOG.warn("the membership lock is lost, and cannot be taken: {}", e.getMessage());
        }
    }

    private void run(String statement) throws SQLException {
        try (Statement sql = connection.createStatement()) {
            sql.execute(statement.formatted(KEY));
        }
    }

    private boolean ask(String question) throws SQLException {
        try (Statement sql = connection.createStatement();
                ResultSet answer = sql.executeQuery(question.formatted(KEY))) {
            return answer.next() && answer.getBoolean(1);
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
