package sluice;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.Listener;

/** Looks whether the certificate of the listener has been renewed; one that cannot be used leaves the old one in place. */
final class CertificateWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
    private static final long EVERY_MILLIS = 1_000;

    private final Listener.Tls tls;
    private final Supplier<Future<?>> renew;
    private byte[] seen;

    /** @param renew makes new connections use what the files hold now */
    CertificateWatch(Listener.Tls tls, Supplier<Future<?>> renew) throws IOException {
        this.tls = tls;
        this.renew = renew;
        this.seen = content();
    }

    /** Looks once a second, off the event loops. */
    void start(Vertx vertx) {
        vertx.setPeriodic(EVERY_MILLIS, now -> vertx.executeBlocking(this::changed).onSuccess(changed -> {
            if (changed) {
                renew.get().onSuccess(done -> LOG.info("the certificate {} has been renewed", tls.certificate()))
                        .onFailure(unusable -> LOG.error("the certificate {} cannot be used, the old one stays: {}",
                                tls.certificate(), unusable.getMessage()));
            }
        }));
    }

    /** Both files must have been read, so that one that is being replaced is looked at again. */
    private synchronized boolean changed() {
        try {
            byte[] now = content();
            boolean changed = !Arrays.equals(now, seen);
            seen = now;
            return changed;
        } catch (IOException beingReplaced) {
            return false;
        }
    }

    private byte[] content() throws IOException {
        byte[] chain = Files.readAllBytes(tls.certificate());
        byte[] key = Files.readAllBytes(tls.key());
        byte[] both = Arrays.copyOf(chain, chain.length + key.length);
        System.arraycopy(key, 0, both, chain.length, key.length);
        return both;
    }
}
