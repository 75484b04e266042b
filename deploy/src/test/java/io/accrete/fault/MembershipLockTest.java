package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.coordinator.MembershipLock;
import io.accrete.coordinator.ServerJournal;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** What becomes of the membership lock where the database lets go of it. */
@Tag("process")
class MembershipLockTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final AtomicBoolean superseded = new AtomicBoolean();
    private Postgres postgres;
    private ServerJournal first;
    private ServerJournal second;

    @BeforeEach
    void start() throws IOException, InterruptedException, SQLException {
        postgres = Postgres.start();
        first = ServerJournal.at(postgres.url());
        assertThat(lock(first).mayFound()).as("the very first").isTrue();
        lock(first).join(() -> superseded.set(true));
        second = ServerJournal.at(postgres.url());
    }

    @AfterEach
    void stop() throws IOException {
        second.close();
        first.close();
        postgres.close();
    }

    private static MembershipLock lock(ServerJournal journal) {
        return journal.membership().orElseThrow();
    }

    private void run(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url());
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    /** As where the database was started again, or failed over. */
    private void loseSessions() throws SQLException {
        run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    }

    @Test
    void aMemberWhoseSessionWasLostKeepsOthersFromFounding() throws SQLException {
        loseSessions();

        await().during(Duration.ofSeconds(8))
                .atMost(PATIENCE)
                .until(() -> !lock(second).mayFound());
        assertThat(superseded).isFalse();
    }

    /** For longer than it takes to look for it once. */
    @Test
    void soDoesOneWhoseDatabaseWasAway() throws Exception {
        second.close();
        postgres.pause();
        await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
        postgres.resume();
        second = ServerJournal.at(postgres.url());

        await().during(Duration.ofSeconds(8))
                .atMost(PATIENCE)
                .until(() -> !lock(second).mayFound());
        assertThat(superseded).isFalse();
    }

    @Test
    void anotherOneIsFoundedOnceAllMembersAreGone() throws Exception {
        first.close();

        assertThat(lock(second).mayFound()).as("at once").isFalse();
        await().atMost(PATIENCE).until(() -> lock(second).mayFound());
    }

    @Test
    void whoWasAwayWhileAnotherOneWasFoundedIsTold() throws SQLException {
        run("UPDATE accrete_cluster SET number = number + 1");
        loseSessions();

        await().atMost(PATIENCE).untilTrue(superseded);
    }
}
