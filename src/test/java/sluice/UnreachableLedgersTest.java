package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.cli.Serve;
import sluice.testing.CapturedLog;
import sluice.testing.CommandRun;
import sluice.testing.PostgresProcess;
import sluice.testing.RedisProcess;
import sluice.testing.TestLedgers;

/** A PostgreSQL that cannot be used ends the start with one line, which names a remedy and no password. */
@Timeout(90)
class UnreachableLedgersTest {
    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private void refused(String url, String... told) throws IOException {
        Path config = Files.writeString(folder.resolve("sluice.yaml"), """
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                ledger: { url: "%s", start-wait: 1s }
                upstream: { accounts: [{ name: main, keys: [sk-upstream] }] }
                tenants: [{ name: bot, keys: [sk-sluice-0123456789abcdef0123] }]
                """.formatted(url));
        try (CapturedLog log = CapturedLog.open()) {
            CommandRun run = new CommandRun(new Serve());
            assertThat(run.with("--config", config.toString())).isEqualTo(1);
            assertThat(run.err().lines()).singleElement().asString()
                    .startsWith("The gateway could not start: the ledger postgresql://").contains(told)
                    .doesNotContain("Exception", "geheim");
            assertThat(log.lines()).noneMatch(line -> line.contains("geheim"));
        }
    }

    @Test
    void wrongPassword() throws IOException {
        refused(LEDGERS.postgres().text("postgres").replace("geheim", "geheimer"), "it refuses the connection",
                "correct user, password and sslmode in ledger.url");
    }

    @Test
    void noPassword() throws IOException {
        refused("postgresql://sluice@127.0.0.1:" + LEDGERS.postgres().port() + "/postgres",
                "it refuses the connection");
    }

    @Test
    void noSuchDatabase() throws IOException {
        refused(LEDGERS.postgres().text("nothing"), "/nothing cannot be opened: there is no such database; create it");
    }

    @Test
    void userWhoMayNotMakeTables() throws IOException {
        PostgresProcess postgres = LEDGERS.postgres();
        String database = postgres.newDatabase().database();
        postgres.execute(database, "CREATE ROLE poor LOGIN PASSWORD 'geheim'");
        refused("postgresql://poor:geheim@127.0.0.1:" + postgres.port() + "/" + database, "its user lacks a privilege",
                "allow it to create, read and write tables");
    }

    @Test
    void tablesOfAnotherProgram() throws IOException {
        PostgresProcess postgres = LEDGERS.postgres();
        String database = postgres.newDatabase().database();
        postgres.execute(database, "CREATE TABLE day_level (tenant TEXT)");
        refused(postgres.text(database), "it has a table day_level with columns [tenant], not [",
                "set another ledger.url, or move the table away");
    }

    @Test
    void encryptionThatTheServerDoesNotKnow() throws IOException {
        refused(LEDGERS.postgres().text("postgres") + "?sslmode=require",
                "it refuses the connection (The server does not support SSL");
    }

    /** It is awaited for a while: it may be starting too. */
    @Test
    void nobodyThere() throws IOException {
        refused("postgresql://sluice:geheim@127.0.0.1:" + RedisProcess.freePort() + "/ledger",
                "it cannot be reached (Connection refused); start it, or correct host and port in ledger.url");
    }

    @Test
    void oneThatTakesConnectionsAndSaysNothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            refused("postgresql://sluice:geheim@127.0.0.1:" + silent.getLocalPort() + "/ledger",
                    "cannot be opened: it");
        }
    }
}
