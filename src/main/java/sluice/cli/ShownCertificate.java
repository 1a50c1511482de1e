package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import sluice.admin.Trouble;
import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.net.CertifiedKey;
import sluice.net.ClientAuthorities;
import sluice.time.Time;

/**
 * The certificate that callers see, and the authorities whose certificates they may present. Both are renewed together when
 * their files change; if the new contents are unusable, the old ones stay.
 */
final class ShownCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(ShownCertificate.class);
    /** As the alert. */
    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Path certificate;
    private final Path key;
    private final Optional<Path> authorities;
    private final Time time;
    private final FileWatch watch;
    private final Troubles.Sign stale;
    private String toldOfExpiry = "";
    private volatile InUse inUse;
    private volatile Function<InUse, Future<Void>> show = renewed -> Future.succeededFuture();

    /**
     * What the files held.
     *
     * @param clients empty if callers are not asked for a certificate
     */
    record InUse(CertifiedKey own, Optional<ClientAuthorities> clients) {}

    private ShownCertificate(Path certificate, Path key, Optional<Path> authorities, Troubles troubles, Time time)
            throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.authorities = authorities;
        this.time = time;
        List<Path> files = Stream.concat(Stream.of(certificate, key), authorities.stream()).toList();
        this.watch = new FileWatch(() -> files, this::renew);
        this.inUse = fromFiles();
        this.stale = troubles.sign(What.CERTIFICATE_RENEWAL_FAILED);
        troubles.add(this::nearExpiry);
        tellExpiry();
    }

    /**
     * Reads it.
     *
     * @param authorities the file of the authorities of callers' certificates; empty if callers are not asked for one
     * @param troubles    where it is shown that it cannot be renewed, or expires soon
     * @throws IOException if the files cannot be used, with the reason
     */
    static ShownCertificate read(Path certificate, Path key, Optional<Path> authorities, Troubles troubles, Time time)
            throws IOException {
        return new ShownCertificate(certificate, key, authorities, troubles, time);
    }

    /**
     * Renews it when its files change.
     *
     * @param show puts it into effect for new connections
     * @return ends it
     */
    Runnable follow(Vertx vertx, Function<InUse, Future<Void>> show) {
        this.show = show;
        Runnable end = watch.start(vertx);
        long timer = vertx.setPeriodic(LOOK.toMillis(), passed -> tellExpiry());
        return () -> {
            vertx.cancelTimer(timer);
            end.run();
        };
    }

    /** What is in use. */
    InUse inUse() {
        return inUse;
    }

    /** When it expires, in seconds since 1970. */
    double endsAt() {
        return inUse.own().notAfter().getEpochSecond();
    }

    /** Whether the certificate in use is the one in the files. */
    boolean isThatOfTheFiles() {
        return !stale.isOn();
    }

    private Stream<Trouble> nearExpiry() {
        Instant end = inUse.own().notAfter();
        return expiry(end, time.now()).map(text -> new Trouble(What.CERTIFICATE_NEAR_EXPIRY, end.minus(SOON), text))
                .stream();
    }

    /** What to say of a certificate that ends then; empty while there is time. */
    private Optional<String> expiry(Instant end, Instant now) {
        if (now.isBefore(end.minus(SOON))) {
            return Optional.empty();
        }
        String told = now.isBefore(end)
                ? " expires at " + end + "; renew it"
                : " expired at " + end + ": callers refuse it; put a valid one into its place";
        return Optional.of("certificate " + certificate + told);
    }

    /** Logs each certificate once when it is about to expire, and once when it has. */
    private synchronized void tellExpiry() {
        Instant end = inUse.own().notAfter();
        Instant now = time.now();
        Optional<String> news = expiry(end, now).filter(text -> !text.equals(toldOfExpiry));
        news.ifPresent(text -> {
            LOG.atLevel(now.isBefore(end) ? Level.WARN : Level.ERROR).log(text);
            toldOfExpiry = text;
        });
    }

    private InUse fromFiles() throws IOException {
        CertifiedKey own = CertifiedKey.read(certificate, key, time.now());
        return new InUse(own, authorities.isEmpty()
                ? Optional.empty()
                : Optional.of(ClientAuthorities.read(authorities.get())));
    }

    private void renew() {
        InUse renewed;
        try {
            renewed = fromFiles();
        } catch (IOException unusable) {
            staysAsItWas(unusable);
            return;
        }
        show.apply(renewed).onFailure(this::staysAsItWas).onSuccess(done -> {
            inUse = renewed;
            stale.over();
            LOG.info("certificate {} renewed; it expires at {}", certificate, renewed.own().notAfter());
            tellExpiry();
        });
    }

    private void staysAsItWas(Throwable why) {
        String told = "the new certificate is unusable, keeping the old one: " + why.getMessage();
        LOG.error(told);
        stale.began(told);
    }
}
