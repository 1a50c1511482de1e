package sluice.ledger;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * What differs between the databases: how they are reached, and what their failures mean. All SQL is the same but
 * {@link #clustered} and {@link #ring}.
 */
sealed interface Database permits SqliteDatabase, PostgresDatabase {

    static Database of(LedgerUrl url) {
        return switch (url) {
            case LedgerUrl.Sqlite file -> new SqliteDatabase(file);
            case LedgerUrl.Postgres server -> new PostgresDatabase(server);
        };
    }

    /** Its name in messages, without secrets. */
    String name();

    /** Whether there may be something to read. */
    boolean exists();

    /** Creates what must exist before the first connection. */
    void prepare() throws IOException;

    /** Its connections, with limits on anything that can hang. */
    DataSource connections();

    /** Likewise, for reading only. */
    DataSource readers();

    /** Likewise, for statements that may take longer: those of migrations. */
    DataSource connectionsForMigrations();

    /** The suffix of {@code CREATE TABLE} that keeps rows in key order, if there is one. */
    String clustered();

    /** How many of them to hold at most. */
    int mostConnections();

    /** A connection that hears when others ring; empty if there are no others. */
    Optional<Connection> listening() throws SQLException;

    /** Waits on such a connection until somebody rings, but not longer than this. */
    void awaitRing(Connection listening, Duration most) throws SQLException;

    /** Wakes the listeners, once the transaction is committed. */
    void ring(Ledger.Transaction transaction) throws SQLException;

    /** Fails if nothing can be written. */
    void tryWriting(Connection connection) throws SQLException;

    /** Whether a failure to connect may be over in some seconds. */
    boolean mayPass(SQLException failure);

    /** Whether a table is missing. */
    boolean isMissingTable(SQLException failure);

    /** What happened and what to do about it, in one line without secrets. */
    String explain(SQLException failure);

    /** The first line of the message, for unforeseen failures. */
    static String firstLine(SQLException failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }
}
