package sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import sluice.ledger.LedgerUrl;

/** A PostgreSQL of its own on a free port of loopback, which can be stopped, killed and started again. */
public final class PostgresProcess implements AutoCloseable {
    public static final String USER = "sluice";
    /** Percent-encoded in a URL. */
    public static final String PASSWORD = "geheim/&@ß";

    private static final Path BINARIES = Path.of("/usr/lib/postgresql");

    private final int port = RedisProcess.freePort();
    private final Path folder;
    private final Path data;
    private final AtomicInteger databases = new AtomicInteger();
    private Process process;

    private PostgresProcess() {
        try {
            folder = Files.createTempDirectory("postgres");
            data = folder.resolve("data");
            if (isRoot()) {
                run(List.of("chown", "postgres", folder.toString()));
            }
            Path made = made();
            if (Files.exists(made)) {
                run(List.of("cp", "-a", made.toString(), data.toString()));
            } else {
                make();
                keep(made);
            }
            process = launch();
            awaitAnswer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files of an empty server, which each test copies: making them takes seconds. */
    private static Path made() throws IOException {
        String version = Path.of(path("initdb")).toAbsolutePath().toString().replaceAll("[^A-Za-z0-9.]+", "-");
        return Path.of("target", "postgres" + version + "-" + Integer.toHexString(PASSWORD.hashCode()))
                .toAbsolutePath();
    }

    private void make() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        if (isRoot()) {
            run(List.of("chown", "postgres", password.toString()));
        }
        run(unprivileged("initdb", "-D", data.toString(), "-U", USER, "-A", "scram-sha-256", "--pwfile",
                password.toString(), "--no-sync", "--no-locale", "-E", "UTF8"));
    }

    /** Whole or not at all: tests of other processes look for them too. */
    private void keep(Path made) throws IOException {
        Path copy = Files.createTempDirectory(Files.createDirectories(made.getParent()), "postgres");
        run(List.of("cp", "-a", data.toString(), copy.toString()));
        try {
            Files.move(copy.resolve("data"), made, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException another) {
            run(List.of("rm", "-r", copy.resolve("data").toString()));
        }
        Files.delete(copy);
    }

    /** Starts one that answers when this returns. */
    public static PostgresProcess start() {
        return new PostgresProcess();
    }

    /** A new database, as the configuration knows it. */
    public LedgerUrl.Postgres newDatabase() {
        String name = "ledger" + databases.incrementAndGet();
        execute("postgres", "CREATE DATABASE " + name);
        return url(name);
    }

    /** A database that need not be there. */
    public LedgerUrl.Postgres url(String database) {
        return new LedgerUrl.Postgres(List.of(new LedgerUrl.Host("127.0.0.1", port)), database,
                Optional.of(new LedgerUrl.Login(USER, Optional.of(PASSWORD))), Map.of());
    }

    /** The same as text, password included. */
    public String text(String database) {
        return "postgresql://sluice:geheim%2F&%40%C3%9F@127.0.0.1:" + port + "/" + database;
    }

    public int port() {
        return port;
    }

    /** A connection of the test's own. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, USER, PASSWORD);
    }

    /** The number that a query answers with; -1 if there is no row, or no answer. */
    public long number(String database, String query) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : -1;
        } catch (SQLException notNow) {
            return -1;
        }
    }

    public void execute(String database, String... statements) {
        try (Connection connection = connect(database); Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** It hangs: connections stay open, and nothing answers. */
    public void pause() {
        signalAll("STOP");
    }

    /** It goes on where it hung. */
    public void resume() {
        signalAll("CONT");
    }

    /** It dies without a word, its children with it. */
    public void kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        Await.until("PostgreSQL has died", () -> !process.isAlive() && children.stream().noneMatch(
                ProcessHandle::isAlive));
    }

    /** Starts it again on what it has written. */
    public void restart() {
        process = launch();
        awaitAnswer();
    }

    @Override
    public void close() {
        resume();
        kill();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch() {
        try {
            return new ProcessBuilder(unprivileged("postgres", "-D", data.toString(), "-h", "127.0.0.1", "-p",
                    Integer.toString(port), "-k", "", "-c", "fsync=off", "-c", "max_connections=40"))
                    .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAnswer() {
        Await.until("an answer of PostgreSQL: " + folder.resolve("log"), () -> {
            try (Connection connection = connect("postgres")) {
                return connection.isValid(1);
            } catch (SQLException notYet) {
                return false;
            }
        });
    }

    /** It refuses to run as root. */
    private static List<String> unprivileged(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(isRoot()
                ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
                : List.of());
        command.add(path(program));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Debian keeps the programs of each version in a folder of their own. */
    private static String path(String program) throws IOException {
        if (!Files.isDirectory(BINARIES)) {
            return program;
        }
        try (Stream<Path> versions = Files.list(BINARIES)) {
            return versions.map(version -> version.resolve("bin").resolve(program)).filter(Files::isExecutable)
                    .max(Comparator.comparingInt((Path file) -> file.toString().length())
                            .thenComparing(Comparator.naturalOrder()))
                    .map(Path::toString).orElse(program);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private void signalAll(String name) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name, Long.toString(process.pid())));
        process.descendants().map(child -> Long.toString(child.pid())).forEach(command::add);
        try {
            new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(List<String> command) throws IOException {
        try {
            Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (run.waitFor() != 0) {
                throw new IOException(command + ": " + said);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
