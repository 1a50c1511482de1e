package sluice;

import io.vertx.core.Future;
import java.lang.ref.WeakReference;
import sluice.cli.Gateway;
import sluice.config.GatewayConfig;
import sluice.tenancy.KeyText;
import sluice.time.Time;

/** A gateway in the hands of tests of other packages. */
public final class RunningGateway {
    private final Gateway gateway;

    private RunningGateway(Gateway gateway) {
        this.gateway = gateway;
    }

    /** Starts one, as the command line does. */
    public static Future<RunningGateway> start(GatewayConfig config, Time time) {
        return Gateway.start(config, time).map(RunningGateway::new);
    }

    /** A key as {@code key TENANT} makes it. */
    public static String newKey() {
        return KeyText.random().reveal();
    }

    /** Cleared once nothing else refers to the gateway. */
    public WeakReference<?> reference() {
        return new WeakReference<>(gateway);
    }

    public int port() {
        return gateway.port();
    }

    public int adminPort() {
        return gateway.adminPort();
    }

    /** Reservations and permits that are open; 0 at rest. */
    public long outstanding() {
        return gateway.outstanding();
    }

    /** Puts another configuration in effect, as a changed file does. */
    public Future<Void> reload(GatewayConfig config) {
        return gateway.reload(config);
    }

    public Future<Void> stop() {
        return gateway.stop();
    }
}
