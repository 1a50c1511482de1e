package sluice.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.identity.Rejected.Why;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.isolation.Shared;
import sluice.metrics.IdentityMeters;
import sluice.net.CertificateNames;
import sluice.time.Time;

/**
 * Identifies who presents a token or a client certificate. A token is verified once, on a few dedicated threads, and
 * remembered by its digest for five minutes; a call with a remembered one waits for nothing. Used by all event loops.
 */
public final class Identities implements AutoCloseable {

    /**
     * Whose tokens and certificates are accepted.
     *
     * @param maxStale     how long the keys of an unreachable issuer stay valid
     * @param certificates which tenant a client certificate names; the first rule that matches decides
     */
    public record Settings(List<Issuer> issuers, Duration maxStale, List<CertificateRule> certificates) {
        /** Nobody's. */
        public static final Settings NONE = new Settings(List.of(), Duration.ofDays(1), List.of());

        public Settings {
            issuers = List.copyOf(issuers);
            certificates = List.copyOf(certificates);
        }

        /** The tenants that some token or certificate may name. */
        public Set<String> tenants() {
            return Stream.concat(issuers.stream().flatMap(issuer -> issuer.rules().stream()).map(Issuer.Rule::tenant),
                    certificates.stream().map(CertificateRule::tenant)).collect(Collectors.toUnmodifiableSet());
        }
    }

    /** An issuer and its keys. */
    private record Known(Issuer issuer, KeySource source, SigningKeys keys) {}

    /** A token that was valid; after {@code fresh} it is verified again. */
    private record Remembered(Identity identity, Instant fresh) {

        boolean holds(Instant now) {
            return now.isBefore(fresh) && now.isBefore(identity.until());
        }
    }

    private static final int LONGEST = 16 << 10;
    private static final int MOST_REMEMBERED = 100_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(5);
    /** Tokens that wait for their check or are in it. */
    private static final int MOST_CHECKED = 256;
    private static final int THREADS = 2;

    private final Vertx vertx;
    private final IdentityMeters meters;
    private final Time time;
    private final WorkerExecutor workers;
    private final Bulkhead checks = Bulkhead.of("token-checks", MOST_CHECKED);
    private final BadSignatures badSignatures;
    private final Cache<ByteBuffer, Remembered> remembered = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();
    private Settings settings = Settings.NONE;
    private volatile Map<String, Known> issuers = Map.of();
    private volatile Certificates certificates = new Certificates(List.of());

    /** Knows nobody yet. */
    public Identities(Vertx vertx, IdentityMeters meters, Time time) {
        this.vertx = vertx;
        this.meters = meters;
        this.time = time;
        this.badSignatures = new BadSignatures(time);
        this.workers = vertx.createSharedWorkerExecutor("sluice-identity", THREADS);
    }

    /** Applies these settings from now on; keys of issuers that stay are kept. */
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
        certificates = new Certificates(next.certificates());
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

    /** Issuers whose keys could not be read last time. */
    public Stream<Unread> unread() {
        return issuers.values().stream().flatMap(known -> Stream.ofNullable(known.keys().unread()));
    }

    /** The places in which tokens are verified. */
    public Shared shared() {
        return checks.shared();
    }

    /** Who presents a certificate with these names; empty if it names no tenant. */
    public Optional<Identity> of(CertificateNames names) {
        return certificates.of(names);
    }

    /** Whether this may be a token, if tokens are accepted at all. */
    public boolean takes(String presented) {
        if (issuers.isEmpty() || !presented.startsWith("eyJ")) {
            return false;
        }
        int first = presented.indexOf('.');
        int second = first < 0 ? -1 : presented.indexOf('.', first + 1);
        return second >= 0 && presented.indexOf('.', second + 1) < 0;
    }

    /**
     * Who presents a token; fails with {@link Rejected} or {@link Unavailable}.
     *
     * @param digest  its SHA-256, by which it is remembered
     * @param peer    tells where it came from
     */
    public Future<Identity> of(String token, ByteBuffer digest, Supplier<Holder> peer) {
        if (token.length() > LONGEST) {
            return rejected(new Rejected(Why.MALFORMED, "It is longer than " + LONGEST + " characters."));
        }
        Remembered known = remembered.getIfPresent(digest);
        if (known != null && known.holds(time.now())) {
            return Future.succeededFuture(known.identity());
        }
        Holder address = peer.get();
        if (known == null && badSignatures.tooMany(address)) {
            meters.rejected(Why.TOO_MANY.name());
            return busy("Too many tokens from your address were forged, so yours was not verified.");
        }
        try {
            return checked(token, address).onSuccess(identity -> remember(digest, identity))
                    .recover(failure -> failure instanceof Rejected rejected
                            ? rejected(rejected)
                            : Future.failedFuture(failure));
        } catch (Rejected rejected) {
            return rejected(rejected);
        }
    }

    private Future<Identity> rejected(Rejected rejected) {
        meters.rejected(rejected.why().name());
        return Future.failedFuture(rejected);
    }

    private static Future<Identity> busy(String sentence) {
        return Future.failedFuture(new Unavailable(Unavailable.Why.BUSY, sentence));
    }

    private void remember(ByteBuffer digest, Identity identity) {
        meters.accepted(identity.issuer());
        remembered.put(digest, new Remembered(identity, time.now().plus(REMEMBERED)));
    }

    /** Cheap checks come first; the signature is verified last, elsewhere, in one of a few places. */
    private Future<Identity> checked(String token, Holder address) throws Rejected {
        TokenCheck check = TokenCheck.of(token);
        Known known = issuers.get(check.issuer());
        if (known == null) {
            throw new Rejected(Why.ISSUER, "Its issuer is not one this gateway accepts.");
        }
        Identity claimed = check.claimed(known.issuer(), time.now());
        Room room = checks.take(address, 1);
        if (!room.given()) {
            return busy(room == Room.OWN_SHARE
                    ? "Too many tokens from your address are waiting for verification."
                    : "Too many tokens are waiting for verification.");
        }
        return ownLoop(keys(check, known)).compose(candidates -> signed(check, candidates, address)).map(claimed)
                .onComplete(over -> checks.giveBack(address, 1));
    }

    /** What another event loop completes, continued on this one. */
    private <T> Future<T> ownLoop(Future<T> elsewhere) {
        Context own = vertx.getOrCreateContext();
        Promise<T> here = Promise.promise();
        elsewhere.onComplete(done -> own.runOnContext(now -> here.handle(done)));
        return here.future();
    }

    /** The keys it may be signed with, refreshed if none of the known ones fits. */
    private static Future<List<JWK>> keys(TokenCheck check, Known known) {
        Optional<JWKSet> keys = known.keys().known();
        if (keys.isPresent() && !check.candidates(keys.get()).isEmpty()) {
            return Future.succeededFuture(check.candidates(keys.get()));
        }
        return known.keys().renewed().compose(renewed -> {
            Optional<JWKSet> now = known.keys().known();
            if (now.isEmpty()) {
                return Future.failedFuture(new Unavailable(Unavailable.Why.ISSUER_AWAY,
                        "The keys of its issuer cannot be read at the moment."));
            }
            List<JWK> candidates = check.candidates(now.get());
            return candidates.isEmpty()
                    ? Future.failedFuture(
                            new Rejected(Why.KEY, "It is signed with a key its issuer does not publish."))
                    : Future.succeededFuture(candidates);
        });
    }

    private Future<@Nullable Void> signed(TokenCheck check, List<JWK> candidates, Holder address) {
        return workers.<@Nullable Void>executeBlocking(() -> {
            check.refuseForged(candidates);
            return null;
        }, false).onFailure(forged -> badSignatures.add(address));
    }

    @Override
    public synchronized void close() {
        issuers.values().forEach(Identities::close);
        issuers = Map.of();
        workers.close();
    }
}
