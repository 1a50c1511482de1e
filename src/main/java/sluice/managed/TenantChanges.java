package sluice.managed;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import sluice.tenancy.Tenant;
import sluice.time.Time;

/** Makes, changes and deletes managed tenants. Its methods block, and fail with {@link Refused}. */
public final class TenantChanges {
    private static final int MOST = 100_000;

    private final ManagedLedger ledger;
    private final InForce inForce;
    private final Time time;

    public TenantChanges(ManagedLedger ledger, InForce inForce, Time time) {
        this.ledger = ledger;
        this.inForce = inForce;
        this.time = time;
    }

    /** Makes a tenant; its settings are in the configuration's keys. */
    public ManagedLedger.Made create(By by, Optional<Once> once, String name, JsonObject settings) throws IOException {
        refuseDeclared(name);
        String text = settings.encode();
        judge(name, text);
        return ledger.change(by, once, (tables, number) -> {
            if (tables.tenant(name).isPresent()) {
                throw new Refused(Refused.Why.EXISTS, "name",
                        "There is a tenant " + name + " already. Change it, or choose another name.");
            }
            if (inForce.managedTenants() >= MOST) {
                throw new Refused(Refused.Why.TOO_MANY, "name", "There are " + MOST + " tenants already. Delete some.");
            }
            Instant now = time.now();
            tables.put(new ManagedTenant(name, text, now, now), false, number);
            return new AuditEntry.Draft("tenant.create", name, name, "", text);
        });
    }

    /** Changes its settings: those given replace what was there, and those given as null go back to the default. */
    public ManagedLedger.Made change(By by, String name, JsonObject patch) throws IOException {
        refuseDeclared(name);
        return ledger.change(by, Optional.empty(), (tables, number) -> {
            ManagedTenant before = managed(tables, name);
            JsonObject merged = new JsonObject(before.settings());
            for (Map.Entry<String, Object> each : patch) {
                if (each.getValue() == null) {
                    merged.remove(each.getKey());
                } else {
                    merged.put(each.getKey(), each.getValue());
                }
            }
            String after = merged.encode();
            judge(name, after);
            tables.put(new ManagedTenant(name, after, before.created(), time.now()), false, number);
            return new AuditEntry.Draft("tenant.change", name, name, before.settings(), after);
        });
    }

    /** Deletes it, and the keys that were issued to it. */
    public ManagedLedger.Made delete(By by, String name) throws IOException {
        refuseDeclared(name);
        return ledger.change(by, Optional.empty(), (tables, number) -> {
            ManagedTenant before = managed(tables, name);
            tables.put(before, true, number);
            tables.removeKeysOf(name, number);
            return new AuditEntry.Draft("tenant.delete", name, name, before.settings(), "");
        });
    }

    private static ManagedTenant managed(ManagedTables tables, String name) throws SQLException {
        return tables.tenant(name).orElseThrow(() -> absent(name));
    }

    static Refused absent(String name) {
        return new Refused(Refused.Why.NO_TENANT, "name", "There is no tenant " + name + ".");
    }

    private void refuseDeclared(String name) {
        Optional<String> place = inForce.declarations().place(name);
        if (place.isPresent()) {
            throw new Refused(Refused.Why.DECLARED, "name",
                    "The tenant " + name + " is declared in the configuration at "
                            + place.get() + ". Change it there; keys can still be issued here.");
        }
    }

    private void judge(String name, String settings) {
        Declarations declarations = inForce.declarations();
        try {
            List<Tenant> together = inForce.all().stream().filter(other -> !other.name().equals(name))
                    .collect(Collectors.toCollection(ArrayList::new));
            together.add(declarations.read(name, settings));
            String conflict = declarations.conflicts(together).get(name);
            if (conflict != null) {
                throw new Refused(List.of(mistake(conflict)));
            }
        } catch (Declarations.Unfit unfit) {
            throw new Refused(mistakes(unfit));
        }
    }

    /** What is wrong with the settings of a tenant, whatever its name; empty if they fit. */
    public List<Refused.Mistake> mistakes(JsonObject settings) {
        try {
            inForce.declarations().read("any", settings.encode());
            return List.of();
        } catch (Declarations.Unfit unfit) {
            return mistakes(unfit);
        }
    }

    private static List<Refused.Mistake> mistakes(Declarations.Unfit unfit) {
        return unfit.problems().stream().map(TenantChanges::mistake).toList();
    }

    /** Callers write settings into a body, so their keys stand below {@code settings}. */
    private static Refused.Mistake mistake(String problem) {
        int colon = problem.indexOf(':');
        return new Refused.Mistake("settings" + (colon < 0 ? "" : "." + problem.substring(0, colon)),
                "settings." + problem + ".");
    }
}
