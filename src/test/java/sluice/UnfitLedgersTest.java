package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.cli.Serve;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.testing.CommandRun;

/** A ledger that cannot be used ends the start with one line, which names the file and a remedy. */
@Timeout(60)
class UnfitLedgersTest {
    @TempDir
    private Path folder = Path.of("");

    private void refused(Path ledger, String... told) throws IOException {
        for (String limits : List.of("rpd: 5, ", "")) {
            Path config = Files.writeString(folder.resolve("sluice.yaml"), """
                    listen: { host: 127.0.0.1, port: 0 }
                    admin: { port: 0 }
                    ledger: { url: "sqlite:%s" }
                    upstream: { accounts: [{ name: main, keys: [sk-upstream] }] }
                    tenants: [{ name: bot, %skeys: [sk-sluice-0123456789abcdef0123] }]
                    """.formatted(ledger, limits));
            if (limits.isEmpty() && !Files.exists(ledger)) {
                return;
            }
            CommandRun run = new CommandRun(new Serve());
            assertThat(run.with("--config", config.toString())).isEqualTo(1);
            assertThat(run.err().lines()).singleElement().asString()
                    .startsWith("The gateway could not start: the ledger " + ledger).contains(told)
                    .doesNotContain("Exception");
        }
    }

    private static Connection sql(Path file, String... statements) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
        return connection;
    }

    @Test
    void directory() throws IOException {
        refused(folder, "is a directory; name a file in it");
    }

    @Test
    void pipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        refused(pipe, "is not a regular file");
    }

    @Test
    void noDatabase() throws IOException {
        refused(Files.writeString(folder.resolve("text.db"), "This is not a database. ".repeat(100)),
                "not a SQLite database, or damaged; restore it from a backup, or move it away");
    }

    @Test
    void folderThatCannotBeMade() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        refused(file.resolve("sluice.db"), "its folder " + file, "create it, or set another ledger.url");
    }

    @Test
    void placeWhereNothingCanBeWritten() throws IOException {
        refused(Path.of("/proc/sluice.db"), "may not read and write the file and its folder");
    }

    @Test
    void otherTables() throws Exception {
        Path file = folder.resolve("other.db");
        sql(file, "CREATE TABLE day_level (tenant TEXT)", "CREATE TABLE revoked_key (name TEXT)").close();
        refused(file, "not [", "set another ledger.url, or move the file away");
    }

    @Test
    void lockedByAnother() throws Exception {
        Path file = folder.resolve("locked.db");
        try (Ledger ledger = new Ledger(new LedgerUrl.Sqlite(file), Assertions::fail)) {
            ledger.open();
        }
        try (Connection other = sql(file, "PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE",
                "CREATE TABLE mine (x)")) {
            refused(file, "another process has locked it; stop that process, or set another ledger.url");
            assertThat(other.isClosed()).isFalse();
        }
    }
}
