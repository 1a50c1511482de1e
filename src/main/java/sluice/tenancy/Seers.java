package sluice.tenancy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.openai.EndpointClass;

/** Finds tenants that would see stored objects of another tenant of their account. Asked about one tenant after another. */
public final class Seers {
    private final boolean owners;
    private final Set<String> sharing;
    /** By account, the first tenant that sees what is stored there. */
    private final Map<String, String> first = new HashMap<>();

    /**
     * No tenant so far.
     *
     * @param owners  whether owners of objects are recorded, so that most classes show a tenant only its own
     * @param sharing the accounts whose stored objects several tenants may see
     */
    public Seers(boolean owners, Set<String> sharing) {
        this.owners = owners;
        this.sharing = Set.copyOf(sharing);
    }

    /** Classes of endpoints that grant a tenant too much, and what is expected instead. */
    public record Conflict(String classes, String expected) {}

    /** The conflict of one more tenant with those before it, if there is one. */
    public Optional<Conflict> conflict(Tenant tenant) {
        String classes = tenant.endpoints().stream()
                .filter(each -> each.showsStoredObjects() && !(owners && each.hasOwners())).sorted()
                .map(EndpointClass::key).collect(Collectors.joining(", "));
        if (classes.isEmpty() || sharing.contains(tenant.home())) {
            return Optional.empty();
        }
        return Optional.ofNullable(first.putIfAbsent(tenant.home(), tenant.name()))
                .map(other -> new Conflict(classes, "none of these, since " + other
                        + " would see this tenant's stored objects on account " + tenant.home()
                        + ": give each its own account, or set shared-objects: true on the account"));
    }
}
