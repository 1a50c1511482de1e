package sluice.ledger;

import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/** A database of PostgreSQL. */
record PostgresDatabase(LedgerUrl.Postgres url) implements Database {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration SILENCE = Duration.ofSeconds(10);
    private static final Duration SILENCE_OF_MIGRATIONS = Duration.ofSeconds(30);
    /** Classes of SQLSTATE: no connection, insufficient resources, server starting or stopping. */
    private static final Set<String> OUT_OF_REACH = Set.of("08", "53", "57");
    private static final String CHANNEL = "sluice_directory";
    private static final String REJECTED = "08004";
    private static final String CANCELED = "57014";
    private static final String NO_SUCH_TABLE = "42P01";

    @Override
    public String name() {
        return url.name();
    }

    @Override
    public boolean exists() {
        return true;
    }

    @Override
    public void prepare() {
        // Whether the server is reachable.
    }

    @Override
    public DataSource connections() {
        return source(SILENCE);
    }

    @Override
    public DataSource readers() {
        PGSimpleDataSource server = source(SILENCE);
        server.setReadOnly(true);
        return server;
    }

    @Override
    public DataSource connectionsForMigrations() {
        return source(SILENCE_OF_MIGRATIONS);
    }

    private PGSimpleDataSource source(Duration silence) {
        PGSimpleDataSource server = new PGSimpleDataSource();
        server.setServerNames(url.hosts().stream().map(LedgerUrl.Host::name).toArray(String[]::new));
        server.setPortNumbers(url.hosts().stream().mapToInt(LedgerUrl.Host::port).toArray());
        server.setDatabaseName(url.database());
        url.login().ifPresent(login -> {
            server.setUser(login.user());
            login.password().ifPresent(server::setPassword);
        });
        server.setApplicationName("sluice");
        server.setTargetServerType("primary");
        server.setConnectTimeout((int) CONNECT.toSeconds());
        server.setLoginTimeout((int) CONNECT.toSeconds());
        server.setSocketTimeout((int) silence.toSeconds());
        server.setTcpKeepAlive(true);
        url.parameters().forEach((name, value) -> set(server, name, value));
        return server;
    }

    private static void set(PGSimpleDataSource server, String name, String value) {
        try {
            server.setProperty(name, value);
        } catch (SQLException unknown) {
            throw new IllegalArgumentException("ledger.url: the driver knows no parameter " + name, unknown);
        }
    }

    @Override
    public String clustered() {
        return "";
    }

    @Override
    public int mostConnections() {
        return 4;
    }

    @Override
    public Optional<Connection> listening() throws SQLException {
        Connection line = connections().getConnection();
        try (Statement statement = line.createStatement()) {
            statement.execute("LISTEN " + CHANNEL);
            return Optional.of(line);
        } catch (SQLException refused) {
            line.close();
            throw refused;
        }
    }

    @Override
    public void awaitRing(Connection listening, Duration most) throws SQLException {
        listening.unwrap(PGConnection.class).getNotifications((int) most.toMillis());
    }

    @Override
    public void ring(Ledger.Transaction transaction) throws SQLException {
        try (PreparedStatement statement = transaction.prepare("NOTIFY " + CHANNEL)) {
            statement.execute();
        }
    }

    @Override
    public void tryWriting(Connection connection) {
        // A read-only server accepts no connection: see the target server type above.
    }

    @Override
    public boolean mayPass(SQLException failure) {
        return OUT_OF_REACH.contains(state(failure).substring(0, 2)) && !state(failure).equals(REJECTED);
    }

    @Override
    public boolean isMissingTable(SQLException failure) {
        return state(failure).equals(NO_SUCH_TABLE);
    }

    @Override
    public String explain(SQLException failure) {
        return switch (state(failure)) {
            case CANCELED -> "it did not answer in time";
            case REJECTED, "28P01", "28000" -> "it refuses the connection (" + Database.firstLine(failure)
                    + "); correct user, password and sslmode in ledger.url";
            case "3D000" -> "there is no such database; create it, or set another ledger.url";
            case "42501" -> "its user lacks a privilege (" + Database.firstLine(failure)
                    + "); allow it to create, read and write tables";
            case "25006" -> "it is read-only; name the primary server in ledger.url";
            default -> mayPass(failure)
                    ? "it cannot be reached (" + reason(failure) + "); start it, or correct host and port in ledger.url"
                    : Database.firstLine(failure);
        };
    }

    private static String reason(SQLException failure) {
        return switch (failure.getCause()) {
            case UnknownHostException unknown -> "there is no host " + unknown.getMessage();
            case IOException network when network.getMessage() != null -> network.getMessage();
            case null, default -> Database.firstLine(failure);
        };
    }

    /** SQLSTATE; failures within the driver may come without one. */
    private static String state(SQLException failure) {
        String state = failure.getSQLState();
        return state == null || state.length() != 5 ? "?????" : state;
    }
}
