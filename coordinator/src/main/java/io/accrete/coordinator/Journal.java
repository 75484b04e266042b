package io.accrete.coordinator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The journal of a coordinator that has no other node: an H2 database in a folder. It is opened
 * before the actor system starts, which then finds it open and its tables made, and closed after
 * the system has ended.
 */
public final class Journal implements AutoCloseable {
    /** What H2 says where another process has the file. */
    private static final int DATABASE_ALREADY_OPEN = 90020;

    private static final int FILE_CORRUPTED = 90030;
    private static final int FILE_VERSION = 90048;

    /** A thread that is interrupted while it writes closes the file, and with it the database. */
    private static final Set<Integer> ALREADY_CLOSED = Set.of(90098, 90121);

    private static final String SCHEMA = "/schema/h2/h2-create-schema.sql";

    private final String url;
    private final Connection connection;

    private Journal(String url, Connection connection) {
        this.url = url;
        this.connection = connection;
    }

    /**
     * Blocks while it reads what is there.
     *
     * @throws IOException if the folder cannot hold a journal, or another process has it
     */
    public static Journal open(Path folder) throws IOException {
        Path home = folder.toAbsolutePath().normalize();
        Optional<String> obstacle = obstacle(home);
        if (obstacle.isPresent()) {
            throw new IOException("%s: %s".formatted(home, obstacle.get()));
        }
        Files.createDirectories(home);
        String url = url(home);
        try {
            Connection connection = connect(url);
            createTables(connection);
            return new Journal(url, connection);
        } catch (SQLException e) {
            throw new IOException("%s: %s".formatted(home, whyNotOpened(e, home)), e);
        }
    }

    /**
     * Why no journal can be kept in a folder, whatever is in it; for who wants to know before. The
     * database ends its path at a semicolon, and takes a backslash for the border of a folder.
     */
    public static Optional<String> obstacle(Path folder) {
        String path = folder.toAbsolutePath().toString();
        return Stream.of(";", "\\")
                .filter(path::contains)
                .map("a journal cannot be kept under a path with `%s`"::formatted)
                .findFirst();
    }

    /** Only what the database itself calls corrupt may be called damaged: deleting it is final. */
    private static String whyNotOpened(SQLException e, Path home) {
        Path folder = Objects.requireNonNullElse(home.getParent(), home);
        return switch (e.getErrorCode()) {
            case DATABASE_ALREADY_OPEN -> "another process has this journal open";
            case FILE_CORRUPTED ->
                    "the journal cannot be opened, it is damaged; delete %s to begin anew"
                            .formatted(folder);
            case FILE_VERSION ->
                    ("the journal cannot be opened, another version of the database wrote it;"
                                    + " go on with the program that began, or delete %s to begin"
                                    + " anew")
                            .formatted(folder);
            default ->
                    "the journal cannot be opened: "
                            + Objects.requireNonNullElse(e.getMessage(), "no reason was given")
                                    .lines()
                                    .findFirst()
                                    .orElse("");
        };
    }

    private static String url(Path home) {
        // async: an actor system that ends interrupts its threads, which closes other channels.
        // Without WRITE_DELAY=0 an acknowledged event may be lost when the process is killed.
        return "jdbc:h2:async:%s;DATABASE_TO_UPPER=false;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=false"
                .formatted(home.resolve("journal"));
    }

    /**
     * What an actor system needs to be told to use the journal in a folder. The system may be
     * started before the journal is opened, if nothing that is persistent starts in it.
     */
    public static Config config(Path folder) {
        return config(url(folder.toAbsolutePath().normalize()));
    }

    /** What an actor system needs to be told to use it. */
    public Config config() {
        return config(url);
    }

    String url() {
        return url;
    }

    private static Config config(String url) {
        return ConfigFactory.parseMap(
                Map.ofEntries(
                        Map.entry("akka.persistence.journal.plugin", "jdbc-journal"),
                        // Jobs are short stories: replaying them from the start is fast enough.
                        Map.entry(
                                "akka.persistence.snapshot-store.plugin",
                                "akka.persistence.no-snapshot-store"),
                        Map.entry("jdbc-journal.slick.profile", "slick.jdbc.H2Profile$"),
                        Map.entry("jdbc-journal.slick.db.url", url),
                        Map.entry("jdbc-journal.slick.db.user", "sa"),
                        Map.entry("jdbc-journal.slick.db.password", ""),
                        Map.entry("jdbc-journal.slick.db.driver", "org.h2.Driver"),
                        // The database is in this process: a pool of connections would save
                        // nothing.
                        Map.entry("jdbc-journal.slick.db.connectionPool", "disabled"),
                        Map.entry("jdbc-journal.slick.db.keepAliveConnection", true),
                        Map.entry("jdbc-journal.slick.db.numThreads", 2),
                        Map.entry("jdbc-journal.slick.db.maxConnections", 2),
                        Map.entry("jdbc-journal.slick.db.minConnections", 1)));
    }

    /** By a connection of its own: the first may have been lost with the actor system. */
    @Override
    public void close() throws IOException {
        try (Connection last = connect(url);
                Statement statement = last.createStatement()) {
            statement.execute("SHUTDOWN");
            connection.close();
        } catch (SQLException e) {
            if (ALREADY_CLOSED.contains(e.getErrorCode())) {
                return;
            }
            throw new IOException("closing the journal failed: " + e.getMessage(), e);
        }
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url, "sa", "");
    }

    private static void createTables(Connection connection) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            ResultSet tables =
                    statement.executeQuery(
                            "SELECT 1 FROM INFORMATION_SCHEMA.TABLES"
                                    + " WHERE TABLE_NAME = 'event_journal'");
            if (!tables.next()) {
                statement.execute(script(SCHEMA));
            }
        }
    }

    /** Statements that make tables, from the class path. */
    static String script(String resource) throws IOException {
        try (InputStream text = Journal.class.getResourceAsStream(resource)) {
            if (text == null) {
                throw new IOException("the class path lacks %s".formatted(resource));
            }
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
