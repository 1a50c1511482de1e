package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renders all meters as text, off the event loops. Concurrent requests share one result. */
final class Scrape {
    private static final Logger LOG = LoggerFactory.getLogger(Scrape.class);

    private final Vertx vertx;
    private final Supplier<String> metrics;
    private final AtomicReference<@Nullable Future<String>> running = new AtomicReference<>();

    Scrape(Vertx vertx, Supplier<String> metrics) {
        this.vertx = vertx;
        this.metrics = metrics;
    }

    Future<String> text() {
        Future<String> known = running.get();
        if (known != null) {
            return known;
        }
        Future<String> begun = vertx.executeBlocking(metrics::get, false).map(Objects::requireNonNull)
                .onFailure(failure -> LOG.error("failed to collect the metrics", failure));
        running.set(begun);
        return begun.onComplete(done -> running.compareAndSet(begun, null));
    }
}
