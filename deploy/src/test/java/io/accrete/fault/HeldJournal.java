package io.accrete.fault;

import org.awaitility.Awaitility;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A journal that can be read, and not be written until this is closed: whoever writes stays in the
 * middle of a transaction.
 */
final class HeldJournal implements AutoCloseable {
    /** Sessions whose statement waits for this one, within a transaction. */
    private static final String WRITERS =
            " FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                    + " AND xact_start IS NOT NULL AND wait_event_type = 'Lock'"
                    + " AND query ILIKE 'insert into \"event_journal\"%'";

    private final Connection connection;
    private final String url;

    private HeldJournal(Connection connection, String url) {
        this.connection = connection;
        this.url = url;
    }

    /** Waits for transactions that are under way. */
    static HeldJournal at(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE event_journal IN SHARE MODE");
        }
        return new HeldJournal(connection, url);
    }

    void awaitWriter() {
        Awaitility.await()
                .atMost(ClusterUnderTest.RECOVERY)
                .pollInterval(ClusterUnderTest.OFTEN)
                .until(() -> ask("SELECT count(*)" + WRITERS) > 0);
    }

    /** The database breaks off their sessions, and with them the transactions. */
    void endWriters() throws SQLException {
        ask("SELECT count(pg_terminate_backend(pid))" + WRITERS);
    }

    private long ask(String question) throws SQLException {
        // Within a transaction the view always shows what it showed first.
        try (Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            return answer.getLong(1);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
