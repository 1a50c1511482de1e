package sluice.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database of what outlives the process. It is opened when it is first needed; until then no file is made and
 * nothing is loaded. Its methods block and are never called on an event loop. Failures are reported in one line, with a
 * remedy; those of a ledger that is open are counted, and logged when they begin and end.
 */
public final class Ledger implements AutoCloseable {
    /** The class of SQLSTATE that says that a value does not fit (SQL:2016, table 38). */
    private static final String DATA_EXCEPTION = "22";

    /** The database is available, and rejects the data. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message, SQLException cause) {
            super(message, cause);
        }
    }

    /** How long to wait at the start for a server, and for the migrations of another process, unless configured. */
    public static final Duration START_WAIT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int STATEMENT_SECONDS = 5;

    /** What fails. A full disk can still be read, so that a read proves nothing about writes. */
    private enum Standing {
        WELL, READS_FAIL, WRITES_FAIL
    }

    /** Statements of one transaction. */
    public interface Work<T> {
        T in(Transaction transaction) throws SQLException;
    }

    /** A transaction that is in progress. Each of its statements ends in time. */
    public record Transaction(Connection connection) {

        public PreparedStatement prepare(String sql) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(sql);
            statement.setQueryTimeout(STATEMENT_SECONDS);
            return statement;
        }
    }

    private final Database database;
    private final Schema schema;
    private final Duration patience;
    private final boolean writes;
    private final LedgerObserver observer;
    private final AtomicReference<Standing> standing = new AtomicReference<>(Standing.WELL);
    private @Nullable HikariDataSource pool;
    private volatile boolean current;
    /** Whether the time allowed for a server that starts later is over. */
    private boolean awaited;

    public Ledger(LedgerUrl url, LedgerObserver observer) {
        this(url, START_WAIT, observer);
    }

    /** @param patience how long to wait at the start for a server, and for the migrations of another process */
    public Ledger(LedgerUrl url, Duration patience, LedgerObserver observer) {
        this(url, patience, true, observer);
    }

    private Ledger(LedgerUrl url, Duration patience, boolean writes, LedgerObserver observer) {
        this.writes = writes;
        this.database = Database.of(url);
        this.schema = new Schema(database);
        this.patience = patience;
        this.observer = observer;
    }

    /** A ledger that another process keeps: nothing is made, migrated or written here. */
    public static Ledger readOnly(LedgerUrl url) {
        return new Ledger(url, PATIENCE, false, () -> {});
    }

    Database database() {
        return database;
    }

    /**
     * Opens it, with all its tables, unless it is open.
     *
     * @throws IOException if it cannot be used
     */
    public void open() throws IOException {
        connections();
    }

    /**
     * Opens it on a thread of its own, while the start goes on with other things. The first use waits for that, and
     * tries again if it failed.
     */
    public void openAhead() {
        Thread.ofPlatform().name("ledger-open").daemon().start(() -> {
            try {
                open();
            } catch (IOException toldOnFirstUse) {
                LOG.debug("the ledger could not be opened ahead of its first use", toldOnFirstUse);
            }
        });
    }

    private synchronized HikariDataSource connections() throws IOException {
        if (pool != null) {
            return pool;
        }
        if (!writes) {
            pool = pool(database.readers(), 1, PATIENCE);
            current = true;
            return pool;
        }
        database.prepare();
        try {
            awaitServer();
            HikariDataSource fresh = pool(database.connections(), database.mostConnections(), PATIENCE);
            try {
                current = isUpToDateSoon(fresh);
                pool = fresh;
            } finally {
                if (pool == null) {
                    fresh.close();
                }
            }
            if (!current) {
                failed(true,
                        "the ledger " + database.name() + " has been under migration by another process for more than "
                                + patience.toSeconds()
                                + " s; continuing with the existing tables");
            }
            return fresh;
        } catch (SQLException e) {
            throw new IOException(told("opened", e), e);
        }
    }

    /** One attempt shows what is wrong; waiting only helps with temporary failures. */
    private void awaitServer() throws SQLException {
        try {
            database.connections().getConnection().close();
        } catch (SQLException e) {
            if (!database.mayPass(e) || awaited) {
                throw e;
            }
            awaited = true;
            LOG.warn("waiting for the ledger {} for up to {} s: {}", database.name(), patience.toSeconds(), explain(e));
            try (HikariDataSource patient = pool(database.connections(), 1, patience)) {
                patient.getConnection().close();
            }
        }
    }

    /** A server that answers, but slowly, has as much time as one that starts later. */
    private boolean isUpToDateSoon(DataSource connections) throws SQLException, IOException {
        for (long tries = awaited ? 1 : patience.toMillis() / PATIENCE.toMillis();; tries--) {
            try {
                return isUpToDate(connections, (int) patience.toSeconds());
            } catch (SQLTransientConnectionException slow) {
                if (tries <= 1) {
                    throw slow;
                }
            }
        }
    }

    private boolean isUpToDate(DataSource connections, int seconds) throws SQLException, IOException {
        try (Connection connection = connections.getConnection()) {
            connection.setAutoCommit(true);
            Transaction each = new Transaction(connection);
            schema.check(each);
            database.tryWriting(connection);
            if (schema.isCurrent(each)) {
                return true;
            }
        }
        return schema.migrate(seconds) == Schema.Outcome.CURRENT;
    }

    private HikariDataSource pool(DataSource source, int connections, Duration wait) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("ledger");
        config.setDataSource(source);
        config.setAutoCommit(false);
        config.setReadOnly(!writes);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(0);
        config.setIdleTimeout(Duration.ofMinutes(1).toMillis());
        config.setMaxLifetime(Duration.ofMinutes(10).toMillis());
        config.setConnectionTimeout(wait.toMillis());
        config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /**
     * Reads in one transaction; nothing if there is no ledger yet.
     *
     * @throws IOException if the ledger cannot be used
     */
    public <T> T read(T nothing, Work<T> work) throws IOException {
        if (!database.exists()) {
            return nothing;
        }
        return run(false, transaction -> {
            try {
                return work.in(transaction);
            } catch (SQLException e) {
                if (!current && database.isMissingTable(e)) {
                    return nothing;
                }
                throw e;
            }
        });
    }

    /**
     * Writes all of it in one transaction, or nothing.
     *
     * @throws IOException if the ledger cannot be used
     */
    public <T> T write(Work<T> work) throws IOException {
        if (!writes) {
            throw new IOException("the ledger " + database.name() + " is only read here");
        }
        return run(true, work);
    }

    private <T> T run(boolean toWrite, Work<T> work) throws IOException {
        HikariDataSource opened;
        try {
            opened = connections();
        } catch (IOException e) {
            failed(toWrite, String.valueOf(e.getMessage()));
            throw e;
        }
        try {
            T result = inTransaction(opened, work);
            worked(toWrite);
            return result;
        } catch (SQLException e) {
            String told = told(toWrite ? "written" : "read", e);
            if (isOfTheData(e)) {
                throw new Refused(told, e);
            }
            failed(toWrite, told);
            throw new IOException(told, e);
        }
    }

    private <T> T inTransaction(HikariDataSource opened, Work<T> work) throws SQLException, IOException {
        if (!current) {
            current = isUpToDate(opened, 0);
        }
        try (Connection connection = opened.getConnection()) {
            try {
                T result = work.in(new Transaction(connection));
                connection.commit();
                return result;
            } catch (SQLException e) {
                if (!isOfTheData(e)) {
                    // On a full disk SQLite ends the transaction by itself, and its driver does not notice: every
                    // later commit on this connection would fail.
                    opened.evictConnection(connection);
                }
                throw e;
            }
        }
    }

    private static boolean isOfTheData(SQLException e) {
        return String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION);
    }

    private void failed(boolean toWrite, String why) {
        observer.failed();
        Standing before = standing.getAndUpdate(was -> toWrite || was == Standing.WRITES_FAIL
                ? Standing.WRITES_FAIL
                : Standing.READS_FAIL);
        if (writes && before == Standing.WELL) {
            LOG.error("{}; will retry with the next write", why);
            observer.away(why);
        }
    }

    private void worked(boolean written) {
        if (!current) {
            return;
        }
        Standing before = standing.getAndUpdate(was -> written || was == Standing.READS_FAIL ? Standing.WELL : was);
        if (before != Standing.WELL && standing.get() == Standing.WELL) {
            LOG.info("the ledger {} is back", database.name());
            observer.back();
        }
    }

    /** Whether it can be read and written, as far as known. */
    public boolean works() {
        return standing.get() == Standing.WELL;
    }

    private String told(String what, SQLException e) {
        return "the ledger " + database.name() + " cannot be " + what + ": " + explain(e);
    }

    /** The pool wraps the reason why it could not connect, and a batch the failure of its statement, which it quotes. */
    private String explain(SQLException e) {
        if (e instanceof BatchUpdateException && e.getNextException() != null) {
            return explain(e.getNextException());
        }
        if (!(e instanceof SQLTransientConnectionException)) {
            return database.explain(e);
        }
        return e.getCause() instanceof SQLException cause ? database.explain(cause) : "it did not answer in time";
    }

    @Override
    public synchronized void close() {
        if (pool != null) {
            pool.close();
        }
    }
}
