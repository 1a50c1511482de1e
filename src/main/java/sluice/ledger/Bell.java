package sluice.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets the processes that share a database wake each other, over a connection that is kept for that. A waiting
 * process may miss a ring while there is no connection, so it must also poll now and then. Used by one thread, but
 * for {@link #ring}.
 */
public final class Bell implements AutoCloseable {
    private final Database database;
    private @Nullable Connection line;

    public Bell(Ledger ledger) {
        this.database = ledger.database();
    }

    /** Whether there may be other processes to wake. */
    public boolean isShared() {
        return database instanceof PostgresDatabase;
    }

    /** Waits until somebody rings, but not longer than this. */
    public void await(Duration most) {
        try {
            if (line == null) {
                Optional<Connection> fresh = database.listening();
                line = fresh.orElse(null);
            }
            if (line != null) {
                database.awaitRing(line, most);
                return;
            }
        } catch (SQLException broken) {
            close();
        }
        LockSupport.parkNanos(this, most.toNanos());
    }

    /** Rings when the transaction is committed. */
    public void ring(Ledger.Transaction transaction) throws SQLException {
        database.ring(transaction);
    }

    @Override
    public void close() {
        Connection open = line;
        line = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException gone) {
                // So it is closed.
            }
        }
    }
}
