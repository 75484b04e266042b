package io.accrete.coordinator;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * What a shared journal says of itself to who only asks.
 *
 * @param version of PostgreSQL
 * @param asked when it was asked, by the clock here
 * @param answered when it had answered, by the clock here
 * @param clock what that of its machine showed in between
 * @param hasTables whether nodes have used it before
 * @param mayCreate whether this user may make tables
 * @param connectionsFree that the server has left for all of its users
 * @param members nodes of a cluster that work at it
 */
public record JournalProbe(
        String version,
        Instant asked,
        Instant answered,
        Instant clock,
        boolean hasTables,
        boolean mayCreate,
        int connectionsFree,
        int members) {
    private static final String QUESTION =
            "SELECT current_setting('server_version'), clock_timestamp(),"
                    + " to_regclass('event_journal') IS NOT NULL,"
                    + " has_schema_privilege(current_schema(), 'CREATE'),"
                    + " current_setting('max_connections')::int"
                    + " - (SELECT count(*)::int FROM pg_stat_activity), "
                    + MembershipLock.MEMBERS;

    private static final String WRONG_USER = "28";
    private static final String NO_DATABASE = "3D000";
    private static final String NO_CONNECTION = "08";

    /**
     * @param url as of {@link ServerJournal#at}
     * @param here the clock of this machine
     * @throws IOException with a sentence about what is wrong
     */
    public static JournalProbe of(String url, Clock here) throws IOException {
        try (Connection connection = DriverManager.getConnection(ServerJournal.full(url));
                Statement statement = connection.createStatement()) {
            Instant asked = here.instant();
            try (ResultSet answer = statement.executeQuery(QUESTION)) {
                Instant answered = here.instant();
                answer.next();
                return new JournalProbe(
                        answer.getString(1),
                        asked,
                        answered,
                        answer.getObject(2, OffsetDateTime.class).toInstant(),
                        answer.getBoolean(3),
                        answer.getBoolean(4),
                        answer.getInt(5),
                        answer.getInt(6));
            }
        } catch (SQLException e) {
            throw new IOException(sentence(url, e), e);
        }
    }

    private static String sentence(String url, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String why;
        if (state.startsWith(WRONG_USER)) {
            why = "the user or the password is wrong";
        } else if (state.equals(NO_DATABASE)) {
            why = "there is no such database";
        } else if (state.startsWith(NO_CONNECTION)) {
            why = "it cannot be reached";
        } else {
            why = "it cannot be used";
        }
        return "%s: %s (%s)".formatted(ServerJournal.withoutSecrets(url), why, e.getMessage());
    }
}
