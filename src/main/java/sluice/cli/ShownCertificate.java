package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

    private final Path certificate;
    private final Path key;
    private final Optional<Path> authorities;
    private final Time time;
    private final FileWatch watch;
    private final Troubles.Sign stale;
    private final CertificateExpiry expiry;
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
        this.expiry = new CertificateExpiry(What.CERTIFICATE_NEAR_EXPIRY,
                () -> Stream.of(new CertificateExpiry.Ending("certificate " + certificate,
                        inUse.own().notAfter(), "callers refuse it")),
                troubles, time);
        expiry.tell();
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
        Runnable told = expiry.follow(vertx);
        return () -> {
            told.run();
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
            expiry.tell();
        });
    }

    private void staysAsItWas(Throwable why) {
        String told = "the new certificate is unusable, keeping the old one: " + why.getMessage();
        LOG.error(told);
        stale.began(told);
    }
}
