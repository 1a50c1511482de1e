package sluice.cli;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import sluice.admin.Trouble;
import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.time.Time;

/** Warns of certificates that are about to expire: once each in the log, and among the troubles while they are in use. */
final class CertificateExpiry {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateExpiry.class);
    /** As the alert. */
    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final What what;
    private final Supplier<Stream<Ending>> inUse;
    private final Time time;
    private Set<String> told = Set.of();

    /**
     * A certificate in use.
     *
     * @param name      as messages call it
     * @param refusedBy who refuses it when it has expired, such as "callers refuse it"
     */
    record Ending(String name, Instant end, String refusedBy) {

        /** What to say of it; empty while there is time. */
        private Optional<String> text(Instant now) {
            if (now.isBefore(end.minus(SOON))) {
                return Optional.empty();
            }
            return Optional.of(name + (now.isBefore(end)
                    ? " expires at " + end + "; renew it"
                    : " expired at " + end + ": " + refusedBy + "; put a valid one into its place"));
        }
    }

    /**
     * @param what     the trouble that it is
     * @param inUse    the certificates in use now
     * @param troubles where those that expire soon are shown
     */
    CertificateExpiry(What what, Supplier<Stream<Ending>> inUse, Troubles troubles, Time time) {
        this.what = what;
        this.inUse = inUse;
        this.time = time;
        troubles.add(this::near);
    }

    private Stream<Trouble> near() {
        Instant now = time.now();
        return inUse.get().flatMap(each -> each.text(now).stream()
                .map(text -> new Trouble(what, each.end().minus(SOON), text)));
    }

    /** Logs each certificate once when it is about to expire, and once when it has. */
    synchronized void tell() {
        Instant now = time.now();
        Set<String> current = new HashSet<>();
        inUse.get().forEach(each -> each.text(now).filter(current::add).filter(text -> !told.contains(text))
                .ifPresent(text -> LOG.atLevel(now.isBefore(each.end()) ? Level.WARN : Level.ERROR).log(text)));
        told = current;
    }

    /**
     * Logs it as time passes.
     *
     * @return ends that
     */
    Runnable follow(Vertx vertx) {
        long timer = vertx.setPeriodic(LOOK.toMillis(), passed -> tell());
        return () -> vertx.cancelTimer(timer);
    }
}
