package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.testing.RawClient;
import sluice.time.Time;

/** Connections that ask for nothing, or never come to the end of it. */
@Timeout(60)
class AdminServerTest {
    private static final String ASK = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofHours(1);

    private final Vertx vertx = Vertx.vertx();
    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        clients.forEach(RawClient::close);
        vertx.close().await();
    }

    @Test
    void firstRequestMustComeInTime() throws Exception {
        int port = start(SHORT, LONG);
        RawClient silent = client(port);
        RawClient half = client(port).write(ASK.substring(0, 20));
        RawClient asking = client(port).write(ASK);
        assertThat(asking.answer()).startsWith("HTTP/1.1 200");
        silent.awaitClosed();
        half.awaitClosed();
        assertThat(asking.write(ASK).answer()).startsWith("HTTP/1.1 200");
    }

    @Test
    void nextRequestMustComeInTimeToo() throws Exception {
        int port = start(LONG, SHORT);
        RawClient silent = client(port).write(ASK);
        RawClient half = client(port).write(ASK + ASK.substring(0, 20));
        for (RawClient each : List.of(silent, half)) {
            assertThat(each.answer()).startsWith("HTTP/1.1 200");
            each.awaitClosed();
        }
    }

    @Test
    void whatIsNoRequestIsToldSoInOpenAisForm() throws Exception {
        int port = start(LONG, LONG);
        assertThat(client(port).write("GET /admin/" + "a".repeat(70_000) + " HTTP/1.1\r\n\r\n").answer())
                .matches("(?s)HTTP/1\\.\\d 414 .*").contains("\"code\":\"invalid_http\"");
        assertThat(client(port).write("no request\r\n\r\n").answer()).matches("(?s)HTTP/1\\.\\d 400 .*")
                .contains("\"code\":\"invalid_http\"");
    }

    private int start(Duration first, Duration next) throws Exception {
        AdminServer.Settings settings = new AdminServer.Settings("127.0.0.1", 0, Optional.empty());
        Operations operations = new Operations(Arrays.stream(AdminRoute.values())
                .collect(Collectors.toMap(route -> route, route -> call -> Future.failedFuture("nobody asks"))));
        return AdminServer
                .start(vertx, new AdminServer.Views(() -> true, () -> "", () -> settings, Time.system()), operations,
                        Optional.empty(), first, next)
                .await().port();
    }

    private RawClient client(int port) {
        RawClient client = new RawClient(1, port);
        clients.add(client);
        return client;
    }
}
