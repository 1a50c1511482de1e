package sluice.cli;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.metrics.GatewayMeters;
import sluice.net.Door;
import sluice.net.GuardedTransport;

/**
 * Opens Vert.x as the gateway uses it: connections pass the doors, and only its worker pools are metered. Whoever creates
 * a worker executor also closes it: Vert.x ends its threads when it closes itself, but keeps all else reachable until the
 * process ends.
 */
final class EventLoops {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);

    private EventLoops() {}

    static Vertx open(GatewayMeters meters, Supplier<Door> doors) {
        EnumSet<MetricsDomain> unwanted = EnumSet.allOf(MetricsDomain.class);
        unwanted.remove(MetricsDomain.NAMED_POOLS);
        MicrometerMetricsOptions metrics = new MicrometerMetricsOptions().setEnabled(true);
        unwanted.forEach(metrics::addDisabledMetricsCategory);
        return Vertx.builder().with(new VertxOptions().setMetricsOptions(metrics))
                .withMetrics(new MicrometerMetricsFactory(meters.registry()))
                .withTransport(GuardedTransport.of(doors)).build()
                .exceptionHandler(failure -> LOG.error("an unexpected failure", failure));
    }
}
