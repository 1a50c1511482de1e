package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.account.AccountEntry;
import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.config.ConfigChange;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.yaml.Problem;
import sluice.edge.Listener;
import sluice.edge.Services;
import sluice.time.Time;

/**
 * The configuration in effect on every event loop. Another one replaces it entirely or not at all; used quota, queued
 * calls and calls in flight are kept.
 */
final class InEffect {
    private static final Logger LOG = LoggerFactory.getLogger(InEffect.class);

    private final Capabilities capabilities;
    private final Time time;
    private final WorkerExecutor reloads;
    private final Troubles.Sign stale;
    private final List<Listener> listeners = new ArrayList<>();
    private volatile GatewayConfig config;
    private volatile @Nullable Services services;
    private volatile Instant readAt;
    private Future<Void> reloaded = Future.succeededFuture();

    /** @param troubles where it is shown that the file could not be put into effect */
    InEffect(GatewayConfig config, Capabilities capabilities, Troubles troubles, Time time) {
        this.config = config;
        this.capabilities = capabilities;
        this.time = time;
        this.readAt = time.now();
        this.stale = troubles.sign(What.CONFIG_RELOAD_FAILED);
        this.services = capabilities.services(config, config.accounts());
        this.reloads = capabilities.vertx().createSharedWorkerExecutor("sluice-reload", 1);
    }

    GatewayConfig config() {
        return config;
    }

    /** What every event loop uses; null while they may be using different ones. */
    @Nullable
    Services services() {
        return services;
    }

    /** Whether it is that of the file. */
    boolean isThatOfTheFile() {
        return !stale.isOn();
    }

    Instant readAt() {
        return readAt;
    }

    /** A listener for one more event loop; before the first reload. */
    synchronized Listener newListener() {
        Listener listener = new Listener(Objects.requireNonNull(services));
        listeners.add(listener);
        return listener;
    }

    Listener firstListener() {
        return listeners.getFirst();
    }

    /** Reloads run one after another; each completes when every event loop uses the new configuration. */
    synchronized Future<Void> reload(GatewayConfig next) {
        reloaded = reloaded.transform(over -> blocking(() -> apply(next)));
        return reloaded;
    }

    /** Applies it once more, since what it refers to elsewhere has changed. */
    synchronized Future<Void> again() {
        reloaded = reloaded.transform(over -> blocking(() -> adopt(config)));
        return reloaded;
    }

    /** The file has changed, but is not in effect. */
    void notReloaded(String told) {
        stale.began(told);
    }

    /** Ends a reload under way; no further one may come. */
    Future<Void> close() {
        return reloads.close();
    }

    private Future<Void> blocking(Callable<Future<Void>> step) {
        return reloads.executeBlocking(step).compose(done -> done);
    }

    /** Blocks on file access. */
    private Future<Void> apply(GatewayConfig next) {
        ConfigChange change = new ConfigChange(config, next);
        List<Problem> problems = change.needRestart();
        if (!problems.isEmpty()) {
            return Future.failedFuture(InvalidConfig.needsRestart("changes that need a restart", problems));
        }
        List<Problem> misfits = capabilities.managed().misfits(next).stream().map(each -> new Problem("tenants", each))
                .toList();
        if (!misfits.isEmpty()) {
            return Future.failedFuture(InvalidConfig.needsRestart("the managed tenants do not fit this file", misfits));
        }
        GatewayConfig before = config;
        return blocking(() -> adopt(next)).onSuccess(done -> {
            readAt = time.now();
            stale.over();
            change.newWarnings().forEach(LOG::warn);
            LOG.info("configuration reloaded: {}", change.isNone() ? "nothing differs" : change);
        }).recover(failure -> blocking(() -> adopt(before)).transform(done -> Future.failedFuture(failure)));
    }

    /**
     * Applies it. Event loops know the accounts of both configurations before tenants change and only the new ones
     * afterwards, so that no call is sent to an account that its event loop does not know.
     */
    private Future<Void> adopt(GatewayConfig next) throws IOException {
        capabilities.prepare(next);
        GatewayConfig before = config;
        List<AccountEntry> both = new ArrayList<>(next.accounts());
        before.accounts().stream().filter(old -> next.accounts().stream().noneMatch(old::isSameAs))
                .forEach(both::add);
        config = next;
        capabilities.change(before, next);
        return everywhere(capabilities.services(next, both)).compose(known -> blocking(() -> {
            capabilities.changeTenants(next);
            return everywhere(capabilities.services(next, next.accounts()));
        }));
    }

    /** Makes every event loop use these from now on; does nothing if nothing differs. */
    private Future<Void> everywhere(Services next) {
        if (next.equals(services)) {
            return Future.succeededFuture();
        }
        return Future.all(listeners.stream().map(listener -> listener.reload(next)).toList())
                .onComplete(done -> services = done.succeeded() ? next : null).mapEmpty();
    }
}
