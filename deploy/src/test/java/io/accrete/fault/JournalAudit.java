package io.accrete.fault;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the journal itself says of who wrote it. */
final class JournalAudit {
    private JournalAudit() {}

    /** How many events of a job it has. */
    static long events(String url, String job) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement count =
                        connection.prepareStatement(
                                "SELECT count(*) FROM event_journal WHERE persistence_id = ?")) {
            count.setString(1, "job|" + job);
            try (ResultSet rows = count.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /**
     * Entities that an earlier writer wrote to again after a later one had begun: two coordinators
     * at the same time.
     */
    static List<String> interleaved(String url) throws SQLException {
        Map<String, Set<String>> before = new HashMap<>();
        Map<String, String> current = new HashMap<>();
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT persistence_id, sequence_number, writer FROM event_journal"
                                        + " ORDER BY persistence_id, sequence_number")) {
            while (rows.next()) {
                String entity = rows.getString(1);
                String writer = rows.getString(3);
                String last = current.put(entity, writer);
                if (last == null || last.equals(writer)) {
                    continue;
                }
                before.computeIfAbsent(entity, key -> new HashSet<>()).add(last);
                if (before.get(entity).contains(writer)) {
                    found.add("%s at %d by %s".formatted(entity, rows.getLong(2), writer));
                }
            }
        }
        return found;
    }
}
