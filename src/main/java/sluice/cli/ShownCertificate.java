package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.config.FileWatch;
import sluice.net.ServerCertificate;
import sluice.time.Time;

/** The certificate that callers see. Renewed when its files change; kept if they hold nothing usable. */
final class ShownCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(ShownCertificate.class);

    private final Path certificate;
    private final Path key;
    private final Time time;
    private final FileWatch watch;
    private volatile ServerCertificate shown;
    private volatile boolean thatOfTheFiles = true;
    private volatile Function<ServerCertificate, Future<Void>> show = renewed -> Future.succeededFuture();

    private ShownCertificate(Path certificate, Path key, Time time) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.time = time;
        this.watch = new FileWatch(() -> List.of(certificate, key), this::renew);
        this.shown = fromFiles();
    }

    /** @throws IOException if the files cannot be used, with the reason */
    static ShownCertificate read(Path certificate, Path key, Time time) throws IOException {
        return new ShownCertificate(certificate, key, time);
    }

    /**
     * Renews it when its files change.
     *
     * @param show puts a certificate in effect for new connections, from now on
     * @return ends it
     */
    Runnable follow(Vertx vertx, Function<ServerCertificate, Future<Void>> show) {
        this.show = show;
        return watch.start(vertx);
    }

    /** What is in use. */
    ServerCertificate shown() {
        return shown;
    }

    /** When it expires, in seconds since 1970. */
    double endsAt() {
        return shown.notAfter().getEpochSecond();
    }

    /** Whether the certificate in use is the one in the files. */
    boolean isThatOfTheFiles() {
        return thatOfTheFiles;
    }

    private ServerCertificate fromFiles() throws IOException {
        return ServerCertificate.read(certificate, key, time.now());
    }

    private void renew() {
        ServerCertificate renewed;
        try {
            renewed = fromFiles();
        } catch (IOException unusable) {
            staysAsItWas(unusable);
            return;
        }
        show.apply(renewed).onFailure(this::staysAsItWas).onSuccess(done -> {
            shown = renewed;
            thatOfTheFiles = true;
            LOG.info("certificate {} renewed; it expires at {}", certificate, renewed.notAfter());
        });
    }

    private void staysAsItWas(Throwable why) {
        thatOfTheFiles = false;
        LOG.error("the new certificate is unusable, keeping the old one: {}", why.getMessage());
    }
}
