package sluice.managed;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.quota.Spending;
import sluice.tenancy.Tenant;
import sluice.tenancy.TenantBook;

/**
 * The tenants in effect: those that the configuration declares and those that are managed, each with its keys of both
 * kinds. A change of one tenant rebuilds that tenant alone. Lookups never wait.
 */
public final class InForce {
    private static final Logger LOG = LoggerFactory.getLogger(InForce.class);

    private final TenantBook book;
    private final ManagedDirectory directory = new ManagedDirectory();
    private final ConcurrentSkipListMap<String, KnownTenant> tenants = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, KnownKey> keys = new ConcurrentSkipListMap<>();
    /** The ids of the keys of each tenant. */
    private final Map<String, Set<String>> keysShown = new ConcurrentHashMap<>();
    private final Map<String, Tenant> declared = new LinkedHashMap<>();
    private volatile Declarations declarations;

    /** Knows what is managed; {@link #declare} puts it into effect. */
    public InForce(TenantBook book, Declarations declarations, Start start) {
        this.book = book;
        this.declarations = declarations;
        directory.apply(start.known());
    }

    /** The configuration in effect. */
    public Declarations declarations() {
        return declarations;
    }

    /**
     * Why another configuration cannot take effect: the managed tenants no longer fit it. Empty if it can, or if the
     * tenant does not fit the one in effect either.
     */
    public synchronized List<String> misfits(Declarations next) {
        Map<String, Tenant> templates = new HashMap<>();
        List<String> problems = new ArrayList<>();
        List<Tenant> together = new ArrayList<>(next.declared());
        for (ManagedTenant each : directory.tenants()) {
            KnownTenant known = tenants.get(each.name());
            if (known == null || known.tenant().isEmpty() || next.place(each.name()).isPresent()) {
                continue;
            }
            try {
                together.add(read(next, each, templates));
            } catch (Declarations.Unfit unfit) {
                problems.add("the managed tenant " + each.name() + ": " + unfit.getMessage());
            }
        }
        next.conflicts(together)
                .forEach((name, problem) -> problems.add("the managed tenant " + name + ": " + problem));
        return problems;
    }

    /** Equal settings are read once. */
    private static Tenant read(Declarations by, ManagedTenant managed, Map<String, Tenant> templates)
            throws Declarations.Unfit {
        Tenant template = templates.get(managed.settings());
        if (template == null) {
            template = by.read(managed.name(), managed.settings());
            templates.put(managed.settings(), template);
        }
        return template.named(managed.name());
    }

    /** Puts the tenants of a configuration into effect, together with the managed ones. */
    public synchronized void declare(Declarations next, Spending.Rules budgets) {
        declarations = next;
        declared.clear();
        next.declared().forEach(tenant -> declared.put(tenant.name(), tenant));
        Set<String> names = new TreeSet<>(declared.keySet());
        directory.tenants().forEach(tenant -> names.add(tenant.name()));
        Map<String, KnownTenant> fresh = withoutConflicts(known(names));
        tenants.keySet().stream().filter(name -> !fresh.containsKey(name)).toList().forEach(this::hide);
        fresh.values().forEach(this::show);
        book.change(fresh.values().stream().flatMap(each -> each.tenant().stream()).toList(), budgets);
    }

    /** Puts what has changed into effect. */
    synchronized void apply(Changes changes) {
        Set<String> concerned = directory.apply(changes);
        Map<String, KnownTenant> fresh = known(concerned);
        Set<String> gone = new HashSet<>(concerned);
        gone.removeAll(fresh.keySet());
        book.put(fresh.values().stream().flatMap(each -> each.tenant().stream()).toList());
        Stream<String> unfit = fresh.values().stream().filter(each -> each.tenant().isEmpty()).map(KnownTenant::name);
        book.remove(Stream.concat(gone.stream(), unfit).toList());
        gone.forEach(this::hide);
        fresh.values().forEach(this::show);
    }

    /** Those of these names that exist, each with its tenant and keys. */
    private Map<String, KnownTenant> known(Collection<String> names) {
        Map<String, Tenant> templates = new HashMap<>();
        Map<String, KnownTenant> known = new LinkedHashMap<>();
        for (String name : names) {
            Tenant own = declared.get(name);
            if (own != null) {
                directory.tenant(name).ifPresent(shadowed -> LOG.warn(
                        "the managed tenant {} is not in effect: the configuration declares one with this name",
                        name));
                known.put(name, new KnownTenant(name, Optional.of(withKeys(own)), Optional.empty(), List.of()));
            } else {
                directory.tenant(name).ifPresent(managed -> known.put(name, known(managed, templates)));
            }
        }
        return known;
    }

    /** If tenants conflict, declared ones take precedence. */
    private Map<String, KnownTenant> withoutConflicts(Map<String, KnownTenant> all) {
        Map<String, KnownTenant> judged = new LinkedHashMap<>(all);
        declarations.conflicts(inOrder(all)).forEach((name, problem) -> {
            LOG.error("the managed tenant {} is not in effect: {}", name, problem);
            judged.computeIfPresent(name, (same, known) -> new KnownTenant(name, Optional.empty(), known.managed(),
                    List.of(problem)));
        });
        return judged;
    }

    private static List<Tenant> inOrder(Map<String, KnownTenant> all) {
        return all.values().stream().sorted(Comparator.comparing(known -> known.managed().isPresent()))
                .flatMap(known -> known.tenant().stream()).toList();
    }

    private KnownTenant known(ManagedTenant managed, Map<String, Tenant> templates) {
        try {
            Tenant tenant = withKeys(read(declarations, managed, templates));
            return new KnownTenant(managed.name(), Optional.of(tenant), Optional.of(managed), List.of());
        } catch (Declarations.Unfit unfit) {
            LOG.error("the managed tenant {} is not in effect: its settings do not fit the configuration: {}",
                    managed.name(), unfit.getMessage());
            return new KnownTenant(managed.name(), Optional.empty(), Optional.of(managed), unfit.problems());
        }
    }

    private Tenant withKeys(Tenant tenant) {
        Collection<ManagedKey> issued = directory.keysOf(tenant.name());
        return issued.isEmpty()
                ? tenant
                : tenant.withKeys(
                        Stream.concat(tenant.keys().stream(), issued.stream().map(ManagedKey::asKey)).toList());
    }

    private void show(KnownTenant known) {
        tenants.put(known.name(), known);
        Map<String, KnownKey> own = new HashMap<>();
        Tenant base = declared.get(known.name());
        if (base != null) {
            base.keys().forEach(key -> own.put(key.digest().id(),
                    new KnownKey(key.digest(), known.name(), key.notAfter(), Optional.empty())));
        }
        directory.keysOf(known.name()).forEach(
                key -> own.put(key.id(), new KnownKey(key.digest(), known.name(), key.notAfter(), Optional.of(key))));
        keysShown.getOrDefault(known.name(), Set.of()).stream().filter(id -> !own.containsKey(id))
                .forEach(id -> forget(id, known.name()));
        keysShown.put(known.name(), Set.copyOf(own.keySet()));
        keys.putAll(own);
    }

    private void hide(String name) {
        tenants.remove(name);
        Set<String> own = keysShown.remove(name);
        if (own != null) {
            own.forEach(id -> forget(id, name));
        }
    }

    /** It may be another tenant's by now. */
    private void forget(String id, String tenant) {
        keys.computeIfPresent(id, (same, key) -> key.tenant().equals(tenant) ? null : key);
    }

    /** A tenant by name. */
    public Optional<KnownTenant> tenant(String name) {
        return Optional.ofNullable(tenants.get(name));
    }

    /** The tenants whose names come after this one, in order. */
    public NavigableMap<String, KnownTenant> tenantsAfter(String name) {
        return tenants.tailMap(name, false);
    }

    /** A key by its id. */
    public Optional<KnownKey> key(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    /** The keys whose ids come after this one, in order. */
    public NavigableMap<String, KnownKey> keysAfter(String id) {
        return keys.tailMap(id, false);
    }

    /** The keys of a tenant, in the order of their ids. */
    public List<KnownKey> keysOf(String tenant) {
        return keysShown.getOrDefault(tenant, Set.of()).stream().sorted().flatMap(id -> key(id).stream()).toList();
    }

    /** How many keys a tenant has. */
    public int keyCount(String tenant) {
        return keysShown.getOrDefault(tenant, Set.of()).size();
    }

    /** All tenants in effect. */
    public List<Tenant> all() {
        return tenants.values().stream().flatMap(each -> each.tenant().stream()).toList();
    }

    synchronized long number() {
        return directory.number();
    }

    synchronized int managedTenants() {
        return directory.size();
    }

    synchronized int managedKeys() {
        return directory.keyCount();
    }

    /** What is managed, for the disk. */
    synchronized Changes managed(Map<String, Boolean> revocations) {
        return directory.all(revocations);
    }
}
