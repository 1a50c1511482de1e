package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.Await;
import sluice.testing.CapturedLog;
import sluice.testing.TestConfig;
import sluice.time.Time;

@Timeout(60)
class OpenedTest {
    @TempDir
    private Path folder = Path.of("");

    private final List<String> closed = new ArrayList<>();

    private Future<Void> close(String name) {
        closed.add(name);
        return Future.succeededFuture();
    }

    @Test
    void lastComesFirstAndNothingKeepsTheOthersOpen() {
        Opened opened = new Opened();
        opened.add("first", this::close);
        opened.add("fails", thing -> Future.failedFuture("planted"));
        opened.add("throws", thing -> {
            throw new IllegalStateException("planted");
        });
        opened.add("last", this::close);
        try (CapturedLog log = CapturedLog.open()) {
            opened.close().await();
            assertThat(log.lines()).hasSize(2).allMatch(line -> line.contains("planted"));
        }
        opened.close().await();
        assertThat(closed).containsExactly("last", "first");
    }

    /** Each fails at a later moment than the one before. */
    @Test
    void gatewayThatCannotStartLeavesNothingOpen() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            refused(0, 0, folder);
            refused(0, taken.getLocalPort(), folder.resolve("ledger.db"));
            refused(taken.getLocalPort(), 0, folder.resolve("ledger.db"));
        }
    }

    private static void refused(int port, int adminPort, Path ledger) throws Exception {
        var config = TestConfig.parse("""
                listen: { host: 127.0.0.1, port: %d }
                admin: { port: %d }
                ledger: { url: "sqlite:%s" }
                upstream: { accounts: [{ name: main, keys: [sk-upstream] }] }
                tenants: [{ name: bot, rpd: 5, keys: [sk-sluice-0123456789abcdef0123] }]
                """.formatted(port, adminPort, ledger), name -> null);
        long before = loops();
        assertThatThrownBy(() -> Gateway.start(config, Time.system()).await()).isNotNull();
        Await.until("threads of Vert.x", OpenedTest::loops, before);
    }

    private static long loops() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("vert.x-"))
                .count();
    }
}
