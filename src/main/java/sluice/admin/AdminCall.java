package sluice.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import sluice.isolation.Holder;

/**
 * A call of the admin API by somebody who may make it.
 *
 * @param path    the parameters of its path
 * @param query   the parameters of its query
 * @param headers its headers
 * @param body    its whole body
 * @param from    the address that it came from
 */
record AdminCall(AdminRoute route, Principal principal, Map<String, String> path, MultiMap query, MultiMap headers,
        Buffer body, String from) {
    private static final int LONGEST_VALUE = 1_024;

    AdminCall {
        path = Map.copyOf(path);
    }

    /** A parameter of the path. */
    String path(String name) {
        return String.valueOf(path.get(name));
    }

    /** A parameter of the query. */
    Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** Refuses parameters of the query other than these, and any that is given twice. */
    void knows(String... names) {
        Set<String> known = new TreeSet<>(Set.of(names));
        for (String name : query.names()) {
            if (!known.contains(name)) {
                throw Fault.unknown(name, known.isEmpty() ? Set.of("none") : known);
            }
            if (query.getAll(name).size() > 1) {
                throw Fault.invalid(name, "it once");
            }
            if (query.getAll(name).getFirst().length() > LONGEST_VALUE) {
                throw Fault.invalid(name, "at most " + LONGEST_VALUE + " characters");
            }
        }
    }

    /** The fields of its body; none if it has no body. */
    Fields fields() {
        if (body.length() == 0) {
            return new Fields("", new JsonObject());
        }
        try {
            return new Fields("", new JsonObject(body));
        } catch (DecodeException | ClassCastException notJson) {
            throw Fault.of(400, "invalid_json", "The body must be one JSON object.");
        }
    }

    /** Refuses to tell of a tenant that its caller may not know of. */
    void mustSee(String tenant) {
        if (!principal.sees(tenant)) {
            throw Fault.absent("tenant", tenant);
        }
    }

    /** The only tenant that its caller may know of; empty if it may know of all. */
    Optional<String> onlyTenant() {
        return principal.role() instanceof Role.OfTenant(var tenant) ? Optional.of(tenant) : Optional.empty();
    }

    /** Who takes shared resources for it. */
    Holder holder() {
        return onlyTenant().<Holder>map(Holder.Tenant::new).orElseGet(Holder.Everyone::new);
    }
}
