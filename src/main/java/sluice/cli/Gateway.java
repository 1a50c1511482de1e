package sluice.cli;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.admin.BaseUrl;
import sluice.admin.Operations;
import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.config.GatewayConfig;
import sluice.edge.Listener;
import sluice.edge.Services;
import sluice.metrics.LostLines;
import sluice.net.ClientTrust;
import sluice.net.Drain;
import sluice.time.Time;
import sluice.upstream.Account;
import sluice.yaml.TypedText;

/** A whole gateway: its capabilities, the configuration in effect, and the listeners, which open last. */
public final class Gateway implements ConfigReload.Reloadable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    private final Opened opened;
    private final Capabilities capabilities;
    private final Vertx vertx;
    private final Drain drain;
    private final InEffect inEffect;
    private final AdminServer.Views views;
    private final Operations operations;
    private final Optional<ShownCertificate> certificate;
    private final ClientTrust trust;
    private final Optional<ShownCertificate> adminCertificate;
    private final CertificateExpiry ofAccounts;
    private final LogLoss logLoss;
    private volatile boolean listening;
    private volatile @Nullable AdminServer admin;

    private Gateway(GatewayConfig config, Time time, Opened opened) throws IOException {
        this.opened = opened;
        Troubles troubles = new Troubles(time);
        this.certificate = config.listen().tls().isEmpty()
                ? Optional.empty()
                : Optional.of(ShownCertificate.read(config.listen().tls().get().certificate(),
                        config.listen().tls().get().key(),
                        config.listen().tls().flatMap(Listener.Tls::clients).map(Listener.Clients::authorities),
                        troubles, time));
        this.trust = new ClientTrust(certificate.flatMap(shown -> shown.inUse().clients()), time);
        this.capabilities = new Capabilities(config, trust, troubles, time, opened);
        this.vertx = capabilities.vertx();
        this.drain = capabilities.drain();
        this.inEffect = opened.add(new InEffect(config, capabilities, troubles, time), InEffect::close);
        this.ofAccounts = new CertificateExpiry(What.ACCOUNT_CERTIFICATE_NEAR_EXPIRY,
                () -> inEffect.config().accounts().stream()
                        .flatMap(entry -> clientCertificate(entry.account())),
                troubles, time);
        ofAccounts.tell();
        LostLines lost = LostLines.ofThisProcess();
        capabilities.meters().state().logLines(lost);
        this.logLoss = new LogLoss(lost, troubles, time);
        this.views = new AdminServer.Views(() -> listening && !drain.leaving(), capabilities.meters()::scrape,
                () -> inEffect.config().admin(), time);
        this.operations = opened.add(new Operations(vertx, capabilities.views(inEffect::config, this::baseUrl),
                capabilities.managed().management(), capabilities.owners(), time), Operations::close);
        operations.shared().ifPresent(capabilities.meters().state()::shared);
        this.adminCertificate = config.admin().tls().isEmpty()
                ? Optional.empty()
                : Optional.of(ShownCertificate.read(config.admin().tls().get().certificate(),
                        config.admin().tls().get().key(), Optional.empty(), troubles, time));
        certificate.ifPresent(shown -> capabilities.meters().state().certificate("listen", shown::endsAt));
        adminCertificate.ifPresent(shown -> capabilities.meters().state().certificate("admin", shown::endsAt));
        capabilities.meters().state().configReload(
                () -> inEffect.isThatOfTheFile() && Stream.of(certificate, adminCertificate).flatMap(Optional::stream)
                        .allMatch(ShownCertificate::isThatOfTheFiles),
                () -> inEffect.readAt().toEpochMilli() / 1e3);
    }

    private static Stream<CertificateExpiry.Ending> clientCertificate(Account account) {
        return account.certificate().stream().map(shown -> new CertificateExpiry.Ending(
                "certificate of account " + account.name(), shown.notAfter(), "its host refuses it"));
    }

    /** Builds a gateway and opens its listeners; completes when it can take calls. On failure nothing stays open. */
    public static Future<Gateway> start(GatewayConfig config, Time time) {
        Opened opened = new Opened();
        Future<Gateway> started;
        try {
            Gateway gateway = new Gateway(config, time, opened);
            started = gateway.open().map(gateway);
        } catch (Throwable unusable) {
            started = Future.failedFuture(unusable);
        }
        Promise<Gateway> told = Promise.promise();
        started.onSuccess(told::complete)
                .onFailure(failure -> opened.close().onComplete(closed -> told.fail(failure)));
        return told.future();
    }

    private Future<Void> open() {
        return capabilities.start()
                .compose(started -> AdminServer.start(vertx, views, operations,
                        adminCertificate.map(shown -> shown.inUse().own())))
                .onSuccess(server -> {
                    admin = opened.add(server, AdminServer::close);
                    capabilities.meters().state().adminSessions(server::sessions);
                    adminCertificate.ifPresent(
                            shown -> watched(shown.follow(vertx, renewed -> server.renewCertificate(renewed.own()))));
                    capabilities.doors().adminListens();
                })
                .compose(server -> vertx.deployVerticle(inEffect::newListener,
                        new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE / 2)))
                .onSuccess(id -> {
                    opened.add(id, vertx::undeploy);
                    listening = true;
                    watched(ofAccounts.follow(vertx));
                    watched(logLoss.follow(vertx));
                    watched(capabilities.oversee(inEffect::config, inEffect::again));
                    // Vert.x shares one server among the event loops, so renewing it on one of them renews it for all.
                    certificate.ifPresent(shown -> watched(
                            shown.follow(vertx, this::renew)));
                }).mapEmpty();
    }

    /** Calls in flight continue; the next one on a connection is judged by these authorities. */
    private Future<Void> renew(ShownCertificate.InUse renewed) {
        return inEffect.firstListener().renewCertificate(renewed.own(), renewed.clients())
                .onSuccess(done -> trust.change(renewed.clients()));
    }

    /** Puts another configuration into effect, entirely or not at all; completes when every event loop uses it. */
    @Override
    public Future<Void> reload(GatewayConfig next) {
        return inEffect.reload(next);
    }

    @Override
    public void notReloaded(String told) {
        inEffect.notReloaded(told);
    }

    /** Rereads the file when it changes, or at once when asked. */
    ConfigReload follow(Path file, Function<String, @Nullable String> environment, Collection<Path> read) {
        ConfigReload reload = new ConfigReload(file, environment, read, this);
        watched(reload.start(vertx));
        return reload;
    }

    /** Files are watched until the gateway stops. */
    private void watched(Runnable end) {
        opened.add(end, ended -> {
            ended.run();
            return Future.succeededFuture();
        });
    }

    /**
     * Shuts down gracefully: announces it, then accepts nothing new, then waits for calls in flight, within the grace
     * period.
     */
    Future<Void> drain() {
        drain.leave();
        LOG.info("leaving: {} calls in flight, still serving everything for {}", drain.calls(),
                TypedText.of(drain.settings().delay()));
        Promise<Void> stopped = Promise.promise();
        vertx.timer(Math.max(1, drain.settings().delay().toMillis()), TimeUnit.MILLISECONDS).compose(over -> {
            LOG.info("draining: {} calls in flight, for at most {}", drain.calls(),
                    TypedText.of(drain.settings().grace()));
            vertx.setTimer(Math.max(1, drain.settings().grace().toMillis() / 2), half -> drain.refuse());
            Future<Void> late = vertx.timer(Math.max(1, drain.settings().grace().toMillis()), TimeUnit.MILLISECONDS)
                    .mapEmpty();
            return Future.any(drain.close(), late);
        }).onComplete(over -> stop().onComplete(stopped));
        return stopped.future();
    }

    /** Stops at once. */
    public Future<Void> stop() {
        listening = false;
        capabilities.close();
        return opened.close();
    }

    private BaseUrl baseUrl() {
        BaseUrl declared = inEffect.config().admin().callers();
        return listening ? declared.at(port()) : declared;
    }

    /** The port that services call. */
    public int port() {
        return inEffect.firstListener().port();
    }

    /** The port of the admin listener. */
    public int adminPort() {
        return admin == null ? 0 : admin.port();
    }

    /** Open reservations and permits; 0 at rest. */
    public long outstanding() {
        return capabilities.outstanding();
    }

    /** What every event loop uses; null while they may be using different ones. */
    @Nullable
    Services services() {
        return inEffect.services();
    }

    /** The console's address, as far as this machine knows it. */
    String console() {
        AdminServer.Settings settings = inEffect.config().admin();
        String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        return (settings.tls().isPresent() ? "https://" : "http://") + host + ":" + adminPort() + "/console";
    }

    /** One line for the log at start-up: what serves whom, and where. */
    String summary() {
        GatewayConfig config = inEffect.config();
        Map<URI, String> accounts = config.accounts().stream().map(AccountEntry::account)
                .collect(Collectors.groupingBy(Account::baseUrl, LinkedHashMap::new,
                        Collectors.mapping(Account::name, Collectors.joining(", "))));
        int tenants = config.tenants().size();
        return "listening on port " + port() + " (admin on " + adminPort() + ") for " + tenants
                + (tenants == 1 ? " tenant" : " tenants") + ", with accounts " + accounts.entrySet().stream()
                        .map(each -> each.getValue() + " at " + each.getKey()).collect(Collectors.joining("; "));
    }
}
