package io.accrete.node;

import io.accrete.coordinator.Journal;
import io.accrete.protocol.store.ExistingPath;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;

/** The folder of a node that is alone, as it would be found by that node; nothing is written. */
record StateFolder(Path path) {
    /** Of the database: another process has the file. */
    private static final int IN_USE = 90020;

    /** Of the database: there is no file yet. */
    private static final int NONE_YET = 90146;

    private static final String CHECK = "journal";

    /**
     * @param running the node that runs with the same settings, which has its own journal open
     */
    HealthCheck look(Optional<PortOwner> running) {
        Optional<String> obstacle = Journal.obstacle(path);
        if (obstacle.isPresent()) {
            return HealthCheck.ill(
                    CHECK, "%s: %s".formatted(path, obstacle.get()), "choose another --state");
        }
        Path nearest = ExistingPath.nearest(path);
        if (!Files.isDirectory(nearest) || !Files.isWritable(nearest)) {
            return HealthCheck.ill(
                    CHECK, "%s cannot be written".formatted(nearest), "choose another --state");
        }
        return opened(running);
    }

    private HealthCheck opened(Optional<PortOwner> running) {
        String url = Journal.config(path).getString("jdbc-journal.slick.db.url");
        String readOnly = url + ";ACCESS_MODE_DATA=r;IFEXISTS=TRUE;TRACE_LEVEL_FILE=0";
        try (Connection connection = DriverManager.getConnection(readOnly, "sa", "")) {
            boolean valid = connection.isValid(0);
            return new HealthCheck(
                    CHECK,
                    valid,
                    "is kept in %s, where one is".formatted(path),
                    "look at its disk");
        } catch (SQLException e) {
            return switch (e.getErrorCode()) {
                case NONE_YET -> HealthCheck.well(CHECK, "will be kept in " + path);
                case IN_USE -> inUse(running);
                default ->
                        HealthCheck.ill(
                                CHECK,
                                "%s: the journal cannot be opened: %s"
                                        .formatted(path, firstLine(e)),
                                "put it back from a backup, or choose another --state");
            };
        }
    }

    private HealthCheck inUse(Optional<PortOwner> running) {
        return running.isPresent()
                ? HealthCheck.well(
                        CHECK,
                        "%s is in use by the node that runs, %s".formatted(path, running.get()))
                : HealthCheck.ill(
                        CHECK,
                        "%s: another process has this journal open".formatted(path),
                        "end the node that uses it, or choose another --state: nodes share a"
                                + " journal in PostgreSQL only");
    }

    private static String firstLine(SQLException e) {
        return Objects.requireNonNullElse(e.getMessage(), "no reason was given")
                .lines()
                .findFirst()
                .orElse("");
    }
}
