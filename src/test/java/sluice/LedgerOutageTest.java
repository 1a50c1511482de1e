package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.PostgresProcess;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;

/** A PostgreSQL that goes away while the gateway runs: no call notices, and what it missed is written when it is back. */
@Timeout(120)
class LedgerOutageTest {
    private static final int LIMIT = 100;
    private static final String TENANTS = """
            tenants: [{ name: bot, rpd: 100, keys: ["${BOT}"] }]
            """;

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private final PostgresProcess postgres = LEDGERS.postgres();
    private final String database = postgres.newDatabase().database();
    private int calls;

    private HttpResponse<String> ask() {
        return gateway.post("/chat/completions", "BOT", new JsonObject().put("model", "gpt-4o-mini")
                .put("messages", new JsonArray()
                        .add(new JsonObject().put("role", "user").put("content", "Question " + ++calls))));
    }

    private void askMany(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(ask().statusCode()).isEqualTo(200);
        }
    }

    private long written() {
        return postgres.number(database, "SELECT remaining FROM day_level WHERE owner = 'tenant/bot'");
    }

    private double errors() {
        return gateway.metric("sluice_store_errors_total");
    }

    private long lines(String text) {
        return gateway.log().lines().stream().filter(line -> line.contains(text)).count();
    }

    private void start() {
        gateway.at(new ManualTime()).ledger(postgres.text(database)).start(TENANTS);
        askMany(3);
        Await.until("level", this::written, LIMIT - 3);
    }

    @Test
    void killedServerLosesNothingThatTheProcessStillKnows() {
        start();
        postgres.kill();
        askMany(20);
        Await.until("failed writes", () -> errors() >= 2);
        askMany(20);
        assertThat(lines("cannot be written: it cannot be reached") + lines("cannot be read: it cannot be reached"))
                .as("told once").isEqualTo(1);
        assertThat(lines("is back")).isZero();

        postgres.restart();
        Await.until("level", this::written, LIMIT - 43);
        Await.until("news", () -> lines("is back") == 1);
        gateway.restart();
        assertThat(ask().headers().firstValue("x-ratelimit-remaining-requests")).contains("56");
    }

    @Test
    void hangingServerHoldsNobodyUp() {
        start();
        postgres.pause();
        try {
            Await.until("failed writes", () -> {
                askOnceIfAllowed();
                return errors() >= 1;
            });
        } finally {
            postgres.resume();
        }
        Await.until("level", this::written, LIMIT - calls);
        Await.until("news", () -> lines("is back") == 1);
    }

    /** While a write hangs, each call is answered as ever; half of the day is kept for the rest of the test. */
    private void askOnceIfAllowed() {
        if (calls < LIMIT / 2) {
            askMany(1);
        }
    }

    @Test
    void revocationHoldsHereAtOnceAndIsToldAsNotWritten() {
        start();
        String id = new JsonObject(gateway.log().calls(3).getFirst().encode()).getString("key_id");
        postgres.kill();
        try {
            assertThat(change(id, "revoke").statusCode()).isEqualTo(503);
            assertThat(ask().statusCode()).isEqualTo(401);
            assertThat(errors()).isPositive();
        } finally {
            postgres.restart();
        }
        Await.until("the revocation is written", () -> change(id, "revoke").statusCode() == 200);
        gateway.restart();
        assertThat(ask().statusCode()).as("still, after a restart").isEqualTo(401);
        assertThat(change(id, "restore").statusCode()).isEqualTo(200);
        gateway.restart();
        assertThat(ask().statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> change(String id, String how) {
        return gateway.send(HttpRequest.newBuilder(URI.create(gateway.adminUrl() + "/admin/v1/keys/" + id + "/" + how))
                .POST(BodyPublishers.noBody()));
    }

    /** As in a cluster that is powered on: the server takes longer than the gateway. */
    @Test
    void serverThatStartsLaterIsAwaited() throws InterruptedException {
        postgres.kill();
        Thread starting = Thread.ofPlatform().start(() -> gateway.ledger(postgres.text(database)).start(TENANTS));
        Await.until("waiting", () -> lines("for up to 30 s: it cannot be reached") == 1);
        postgres.restart();
        starting.join();
        askMany(1);
        Await.until("level", () -> written() >= LIMIT - 1);
    }
}
