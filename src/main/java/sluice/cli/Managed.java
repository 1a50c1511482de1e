package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.admin.Operations;
import sluice.calls.TenantData;
import sluice.cluster.Notices;
import sluice.config.GatewayConfig;
import sluice.config.TenantDeclarations;
import sluice.ledger.DayLimits;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.ledger.RevokedKeys;
import sluice.managed.AuditTable;
import sluice.managed.DirectoryFile;
import sluice.managed.DirectoryWatch;
import sluice.managed.InForce;
import sluice.managed.KeyChanges;
import sluice.managed.ManagedLedger;
import sluice.managed.Start;
import sluice.managed.TenantChanges;
import sluice.tenancy.KeyRevocation;
import sluice.tenancy.Tenant;
import sluice.tenancy.TenantBook;
import sluice.time.Time;

/**
 * What is managed in addition to the configuration, wired by hand: read at start, and kept up to date while the
 * gateway runs.
 */
final class Managed {
    private final InForce inForce;
    private final ManagedLedger ledger;
    private final KeyRevocation revocation;
    private final DirectoryWatch watch;
    private final TenantChanges tenants;
    private final KeyChanges keys;
    private final AuditTable audit;
    private final TenantData data;

    /** @param start what it starts with, of {@link #read} */
    Managed(GatewayConfig config, Vertx vertx, Ledger ledger, Start start, TenantBook book, DayLimits dayLimits,
            Optional<Notices> notices, Time time) {
        this.inForce = new InForce(book, new TenantDeclarations(config), start);
        this.revocation = new KeyRevocation(vertx, start.revoked(), new RevokedKeys(ledger)::write, config.keepsCalls(),
                notices);
        this.ledger = new ManagedLedger(ledger, config.keepsCalls(), inForce, revocation.revocations(), file(config),
                start, dayLimits::need, time);
        this.watch = new DirectoryWatch(this.ledger, () -> {
            revocation.writeAgain();
            if (config.hasDailyLimits()) {
                dayLimits.need();
            }
        });
        this.tenants = new TenantChanges(this.ledger, inForce, time);
        this.keys = new KeyChanges(this.ledger, inForce, time);
        this.audit = new AuditTable(ledger);
        this.data = new TenantData(ledger);
    }

    /** @throws IOException if neither the ledger nor a copy on disk can be read */
    static Start read(GatewayConfig config, Ledger ledger) throws IOException {
        return Start.read(ledger, config.keepsCalls(), file(config));
    }

    /** A ledger that is a file needs no copy. */
    private static Optional<DirectoryFile> file(GatewayConfig config) {
        return config.keepsCalls() && config.ledger() instanceof LedgerUrl.Postgres
                ? Optional.of(new DirectoryFile(config.calls().spool().resolve("directory.jsonl")))
                : Optional.empty();
    }

    /** Puts the tenants of a configuration into effect, together with the managed ones. */
    void declare(GatewayConfig next) {
        inForce.declare(new TenantDeclarations(next), next.budgets().rules());
    }

    /** Why another configuration cannot be in effect. */
    List<String> misfits(GatewayConfig next) {
        return inForce.misfits(new TenantDeclarations(next));
    }

    /** The names of all tenants that another configuration would leave in effect. */
    Set<String> names(GatewayConfig next) {
        Set<String> names = next.tenants().stream().map(Tenant::name).collect(Collectors.toSet());
        inForce.tenantsAfter("").values().stream().filter(known -> known.managed().isPresent())
                .forEach(known -> names.add(known.name()));
        return names;
    }

    void start() {
        watch.start();
    }

    Future<Void> stop() {
        return watch.stop();
    }

    InForce inForce() {
        return inForce;
    }

    /** What the admin API changes. */
    Operations.Management management() {
        return new Operations.Management(inForce, ledger, tenants, keys, revocation, audit, data);
    }

    KeyRevocation revocation() {
        return revocation;
    }
}
