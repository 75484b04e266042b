package io.accrete.coordinator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The journal of a server that people leave running: an H2 database in its state folder, or a
 * PostgreSQL database that all nodes of its cluster share.
 */
public final class ServerJournal implements AutoCloseable {
    private static final String SCHEMA = "journal-postgres.sql";
    private static final String POSTGRES = "jdbc:postgresql:";
    private static final String SHARED = "akka-persistence-jdbc.shared-databases.slick";

    /** Any number that nobody else locks: it keeps two nodes from making the tables at once. */
    private static final long TABLES_LOCK = 0x6163_6372_6574_65L;

    /**
     * A node that is cut off in the middle of a transaction must not block its successor's writes
     * until the database notices by itself, which takes hours; every option is one of the session,
     * so that no administrator is needed.
     */
    private static final String OPTIONS =
            "connectTimeout=3&socketTimeout=10&tcpKeepAlive=true&reWriteBatchedInserts=true"
                    + "&ApplicationName=accrete"
                    + "&options=-c%20idle_in_transaction_session_timeout=4000"
                    + "%20-c%20tcp_user_timeout=4000%20-c%20tcp_keepalives_idle=2"
                    + "%20-c%20tcp_keepalives_interval=1%20-c%20tcp_keepalives_count=3";

    private final Optional<Journal> embedded;
    private final Optional<MembershipLock> membership;
    private final Config config;

    private ServerJournal(
            Optional<Journal> embedded, Optional<MembershipLock> membership, Config config) {
        this.embedded = embedded;
        this.membership = membership;
        this.config = config;
    }

    /** For a node that is alone. */
    public static ServerJournal in(Path folder) throws IOException {
        Journal journal = Journal.open(folder);
        Map<String, Object> database =
                Map.of(
                        "profile",
                        "slick.jdbc.H2Profile$",
                        "db.url",
                        journal.url(),
                        "db.user",
                        "sa",
                        "db.password",
                        "",
                        "db.driver",
                        "org.h2.Driver",
                        "db.numThreads",
                        4,
                        "db.maxConnections",
                        4,
                        "db.minConnections",
                        1);
        return new ServerJournal(Optional.of(journal), Optional.empty(), config(database));
    }

    /**
     * Makes the tables where they are missing.
     *
     * @param url {@code jdbc:postgresql://HOST[:PORT]/DATABASE[?user=U&password=P]}
     */
    public static ServerJournal at(String url) throws IOException {
        String full = full(url);
        MembershipLock membership;
        try (Connection connection = DriverManager.getConnection(full)) {
            createTables(connection);
            membership = MembershipLock.at(full);
        } catch (SQLException e) {
            throw new IOException(
                    "the journal %s cannot be used: %s; is PostgreSQL running there, and does the"
                                    .formatted(withoutSecrets(url), e.getMessage())
                            + " database exist?",
                    e);
        }
        Map<String, Object> database =
                Map.of(
                        "profile",
                        "slick.jdbc.PostgresProfile$",
                        "db.url",
                        full,
                        "db.driver",
                        "org.postgresql.Driver",
                        "db.numThreads",
                        4,
                        "db.maxConnections",
                        4,
                        "db.minConnections",
                        1,
                        "db.connectionTimeout",
                        "3s",
                        "db.initializationFailTimeout",
                        -1);
        return new ServerJournal(Optional.empty(), Optional.of(membership), config(database));
    }

    /** With the options that nodes use. */
    static String full(String url) throws IOException {
        if (!url.startsWith(POSTGRES)) {
            throw new IOException(
                    "--journal %s: a shared journal is a PostgreSQL database, named as %s//HOST/DATABASE"
                            .formatted(withoutSecrets(url), POSTGRES));
        }
        return url + (url.contains("?") ? "&" : "?") + OPTIONS;
    }

    private static Config config(Map<String, Object> database) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("akka.persistence.journal.plugin", "jdbc-journal");
        settings.put(
                "akka.persistence.snapshot-store.plugin", "akka.persistence.no-snapshot-store");
        settings.put("jdbc-journal.use-shared-db", "slick");
        settings.put("jdbc-read-journal.use-shared-db", "slick");
        settings.put("jdbc-read-journal.refresh-interval", "200ms");
        database.forEach((key, value) -> settings.put(SHARED + "." + key, value));
        return ConfigFactory.parseMap(settings);
    }

    /** What an actor system needs to be told to use it. */
    public Config config() {
        return config;
    }

    /** Empty where only one node can use the journal. */
    public Optional<MembershipLock> membership() {
        return membership;
    }

    private static void createTables(Connection connection) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(%d)".formatted(TABLES_LOCK));
            statement.execute(Journal.script(SCHEMA));
            connection.commit();
        }
    }

    /** For logs and people. */
    public static String withoutSecrets(String url) {
        return url.replaceAll("(?i)(password=)[^&]*", "$1...");
    }

    /** After the actor system has ended. */
    @Override
    public void close() throws IOException {
        if (embedded.isPresent()) {
            embedded.get().close();
        }
        if (membership.isPresent()) {
            try {
                membership.get().close();
            } catch (SQLException e) {
                throw new IOException("the membership lock: " + e.getMessage(), e);
            }
        }
    }
}
