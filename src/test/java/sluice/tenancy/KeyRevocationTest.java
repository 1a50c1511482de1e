package sluice.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the ledger did not take is written later, and never over what was done since. */
@Timeout(30)
class KeyRevocationTest {
    private final Vertx vertx = Vertx.vertx();
    private final List<String> written = new CopyOnWriteArrayList<>();
    private final AtomicBoolean away = new AtomicBoolean();
    private final KeyRevocation revocation = new KeyRevocation(vertx, Set.of(), (id, revoked) -> {}, true,
            Optional.empty());

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private KeyRevocation.Written writes(String what) {
        return () -> {
            if (away.get()) {
                throw new IOException("away");
            }
            written.add(what);
        };
    }

    @Test
    void changeThatWasRefusedIsWrittenLater() throws IOException {
        away.set(true);
        assertThatThrownBy(() -> revocation.change("a", true, writes("a is revoked")).await()).hasMessage("away");
        away.set(false);
        revocation.writeAgain();
        revocation.writeAgain();
        assertThat(written).containsExactly("a is revoked");
    }

    @Test
    void changeThatALaterOneHasReplacedIsNotWrittenAfterIt() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        away.set(true);
        assertThatThrownBy(() -> revocation.change("a", true, () -> {
            if (away.get()) {
                throw new IOException("away");
            }
            reached.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }).await()).hasMessage("away");
        assertThatThrownBy(() -> revocation.change("b", true, writes("b is revoked")).await()).hasMessage("away");
        away.set(false);
        CompletableFuture<Void> again = CompletableFuture.runAsync(() -> {
            try {
                revocation.writeAgain();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        reached.await();
        revocation.change("b", false, writes("b is restored")).await();
        goesOn.countDown();
        again.join();
        assertThat(written).containsExactly("b is restored");
    }
}
