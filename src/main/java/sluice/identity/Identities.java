package sluice.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import sluice.identity.Rejected.Why;
import sluice.metrics.IdentityMeters;
import sluice.time.Time;

/**
 * Identifies who presents a token. A token is verified once, on a few dedicated threads, and remembered by its digest
 * until it expires, five minutes at most. Used by all event loops.
 */
public final class Identities implements AutoCloseable {

    /**
     * Whose tokens are accepted.
     *
     * @param maxStale how long the keys of an unreachable issuer stay valid
     */
    public record Settings(List<Issuer> issuers, Duration maxStale) {
        /** Nobody's. */
        public static final Settings NONE = new Settings(List.of(), Duration.ofDays(1));

        public Settings {
            issuers = List.copyOf(issuers);
        }
    }

    /** An issuer and its keys. */
    private record Known(Issuer issuer, KeySource source, SigningKeys keys) {}

    private static final int LONGEST = 16 << 10;
    private static final int MOST_REMEMBERED = 100_000;
    private static final Duration LONGEST_REMEMBERED = Duration.ofMinutes(5);
    /** Tokens that wait for their check or are in it. */
    private static final int MOST_CHECKED = 256;
    private static final int THREADS = 2;
    /** Rejected tokens per second and address, beyond which its tokens are refused unverified. */
    private static final int MOST_REJECTED = 20;
    private static final int MOST_ADDRESSES = 10_000;

    private final Vertx vertx;
    private final IdentityMeters meters;
    private final Time time;
    private final WorkerExecutor workers;
    private final AtomicInteger checked = new AtomicInteger();
    private final Cache<ByteBuffer, Identity> remembered = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();
    private final Cache<String, Rejections> rejections = Caffeine.newBuilder().maximumSize(MOST_ADDRESSES).build();
    private Settings settings = Settings.NONE;
    private volatile Map<String, Known> issuers = Map.of();

    /** Rejections of an address within a second. */
    private static final class Rejections {
        private long second;
        private int count;

        synchronized boolean tooMany(long now) {
            return now == second && count >= MOST_REJECTED;
        }

        synchronized void add(long now) {
            count = now == second ? count + 1 : 1;
            second = now;
        }
    }

    /** Knows nobody yet. */
    public Identities(Vertx vertx, IdentityMeters meters, Time time) {
        this.vertx = vertx;
        this.meters = meters;
        this.time = time;
        this.workers = vertx.createSharedWorkerExecutor("sluice-identity", THREADS);
    }

    /** Accepts the tokens of these issuers from now on; keys of issuers that stay are kept. */
    public synchronized void change(Settings next) {
        if (next.equals(settings)) {
            return;
        }
        Map<String, Known> before = issuers;
        Map<String, Known> after = new LinkedHashMap<>();
        for (Issuer issuer : next.issuers()) {
            Known known = before.get(issuer.url());
            boolean same = known != null && known.issuer().equals(issuer)
                    && next.maxStale().equals(settings.maxStale());
            after.put(issuer.url(), same ? known : open(issuer, next.maxStale()));
        }
        settings = next;
        issuers = Map.copyOf(after);
        remembered.invalidateAll();
        before.values().stream().filter(known -> !after.containsValue(known)).forEach(Identities::close);
        meters.retain(after.keySet());
    }

    private Known open(Issuer issuer, Duration maxStale) {
        KeySource source = new KeySource(vertx, issuer);
        return new Known(issuer, source, new SigningKeys(vertx, issuer, maxStale, source::read, meters, time));
    }

    private static void close(Known known) {
        known.keys().close();
        known.source().close();
    }

    /** Whether this may be a token, if tokens are accepted at all. */
    public boolean takes(String presented) {
        return !issuers.isEmpty() && presented.startsWith("eyJ")
                && presented.chars().filter(letter -> letter == '.').count() == 2;
    }

    /**
     * Who presents a token; fails with {@link Rejected} or {@link Unavailable}.
     *
     * @param address where it came from
     */
    public Future<Identity> of(String token, String address) {
        if (token.length() > LONGEST) {
            return rejected(address, new Rejected(Why.MALFORMED, "It is longer than " + LONGEST + " characters."));
        }
        ByteBuffer digest = ByteBuffer.wrap(Subjects.sha256(token));
        Identity known = remembered.getIfPresent(digest);
        if (known != null && time.now().isBefore(known.until())) {
            return Future.succeededFuture(known);
        }
        Rejections ofAddress = rejections.getIfPresent(address);
        if (ofAddress != null && ofAddress.tooMany(second())) {
            meters.rejected(Why.TOO_MANY.name());
            return Future.failedFuture(new Rejected(Why.TOO_MANY,
                    "Too many tokens from this address were invalid; it was not verified."));
        }
        if (checked.incrementAndGet() > MOST_CHECKED) {
            checked.decrementAndGet();
            return Future.failedFuture(new Unavailable("Too many tokens are waiting for verification."));
        }
        return check(token).onComplete(over -> checked.decrementAndGet())
                .onSuccess(identity -> remember(digest, identity))
                .recover(failure -> failure instanceof Rejected rejected
                        ? rejected(address, rejected)
                        : Future.failedFuture(failure));
    }

    private Future<Identity> rejected(String address, Rejected rejected) {
        rejections.get(address, fresh -> new Rejections()).add(second());
        meters.rejected(rejected.why().name());
        return Future.failedFuture(rejected);
    }

    private long second() {
        return TimeUnit.NANOSECONDS.toSeconds(time.nanos());
    }

    private void remember(ByteBuffer digest, Identity identity) {
        meters.accepted(identity.issuer());
        Instant atMost = time.now().plus(LONGEST_REMEMBERED);
        Instant until = identity.until().isBefore(atMost) ? identity.until() : atMost;
        remembered.put(digest, new Identity(identity.issuer(), identity.subject(), identity.tenant(), identity.id(),
                until));
    }

    private Future<Identity> check(String token) {
        TokenCheck check;
        Known known;
        try {
            check = TokenCheck.of(token);
            known = issuers.get(check.issuer());
            if (known == null) {
                throw new Rejected(Why.ISSUER, "Its issuer is not one this gateway accepts.");
            }
        } catch (Rejected rejected) {
            return Future.failedFuture(rejected);
        }
        Known of = known;
        Optional<JWKSet> keys = of.keys().known();
        if (keys.isPresent() && !check.candidates(keys.get()).isEmpty()) {
            return verified(check, of);
        }
        return of.keys().renewed().compose(renewed -> verified(check, of));
    }

    private Future<Identity> verified(TokenCheck check, Known known) {
        Optional<JWKSet> keys = known.keys().known();
        if (keys.isEmpty()) {
            return Future.failedFuture(new Unavailable("The keys of its issuer cannot be read at the moment."));
        }
        List<JWK> candidates = check.candidates(keys.get());
        if (candidates.isEmpty()) {
            return Future.failedFuture(new Rejected(Why.KEY, "It is signed with a key its issuer does not publish."));
        }
        return workers.executeBlocking(() -> check.checked(known.issuer(), candidates, time.now()), false)
                .map(identity -> Objects.requireNonNull(identity));
    }

    @Override
    public synchronized void close() {
        issuers.values().forEach(Identities::close);
        issuers = Map.of();
        workers.close();
    }
}
