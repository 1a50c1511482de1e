package sluice.identity;

import com.nimbusds.jose.jwk.JWKSet;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.metrics.IdentityMeters;
import sluice.time.Time;

/**
 * The public keys of one issuer. They are refreshed periodically, and when a token names an unknown one; cached keys
 * stay valid while the issuer is away. Used by many threads.
 */
final class SigningKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);
    private static final long PERIOD_MILLIS = TimeUnit.MINUTES.toMillis(5);
    /** How often tokens with unknown keys may trigger a refresh. */
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** While they cannot be read. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private record Held(JWKSet set, Instant readAt) {}

    private final Issuer issuer;
    private final Duration maxStale;
    private final Supplier<Future<JWKSet>> source;
    private final IdentityMeters meters;
    private final Time time;
    private final Vertx vertx;
    private final long timer;
    private volatile @Nullable Held held;
    private @Nullable Future<Void> running;
    private volatile @Nullable Unread unread;
    private long triedAt;
    private boolean tried;

    SigningKeys(Vertx vertx, Issuer issuer, Duration maxStale, Supplier<Future<JWKSet>> source, IdentityMeters meters,
            Time time) {
        this.vertx = vertx;
        this.issuer = issuer;
        this.maxStale = maxStale;
        this.source = source;
        this.meters = meters;
        this.time = time;
        this.timer = vertx.setPeriodic(PERIOD_MILLIS, again -> read());
        read();
    }

    /** The cached keys; empty if there are none, or none fresh enough. */
    Optional<JWKSet> known() {
        Held now = held;
        return now == null || time.now().isAfter(now.readAt().plus(maxStale))
                ? Optional.empty()
                : Optional.of(now.set());
    }

    /** Refreshes them, unless that was just done; never fails. */
    Future<Void> renewed() {
        synchronized (this) {
            if (running != null) {
                return running;
            }
            if (tried && time.nanos() - triedAt < (unread != null ? RETRY_NANOS : REST_NANOS)) {
                return Future.succeededFuture();
            }
        }
        return read();
    }

    private synchronized Future<Void> read() {
        if (running != null) {
            return running;
        }
        tried = true;
        triedAt = time.nanos();
        Future<Void> now = asked().onSuccess(this::keep).onFailure(this::missed).mapEmpty();
        Future<Void> over = now.transform(done -> {
            ended();
            return Future.succeededFuture();
        });
        if (!over.isComplete()) {
            running = over;
        }
        return over;
    }

    private Future<JWKSet> asked() {
        try {
            return source.get();
        } catch (RuntimeException unfit) {
            return Future.failedFuture(unfit);
        }
    }

    private synchronized void ended() {
        running = null;
    }

    private synchronized void keep(JWKSet set) {
        held = new Held(set, time.now());
        meters.keys(issuer.url(), true);
        if (unread != null) {
            LOG.info("the keys of issuer {} can be read again", issuer.url());
        }
        unread = null;
    }

    private synchronized void missed(Throwable failure) {
        meters.keys(issuer.url(), false);
        if (unread == null) {
            String told = "the keys of issuer " + issuer.url() + " cannot be read; cached ones stay valid for at most "
                    + maxStale.toHours() + " h: " + failure.getMessage();
            LOG.warn(told);
            unread = new Unread(time.now(), told);
        }
    }

    /** That they could not be read last time; null if they could. */
    @Nullable
    Unread unread() {
        return unread;
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
    }
}
