package sluice.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
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
    private static final int LONGEST_VALUE = 256;
    private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[!-~]{1,255}");

    AdminCall {
        path = Map.copyOf(path);
    }

    /** A parameter of the path. */
    String path(String name) {
        return String.valueOf(path.get(name));
    }

    /** The tenant that its path names. */
    String tenant() {
        return tenant("name", path("name"));
    }

    /** The tenant that its query names, which its caller may know of. */
    Optional<String> tenantAsked() {
        Optional<String> name = query("tenant").map(text -> tenant("tenant", text));
        name.ifPresent(this::mustSee);
        return name;
    }

    private static String tenant(String param, String text) {
        if (!TENANT.matcher(text).matches()) {
            throw Fault.invalid(param, "the name of a tenant");
        }
        return text;
    }

    /** Its {@code Idempotency-Key}, so that it is carried out once however often it is sent; empty if there is none. */
    Optional<String> idempotencyKey() {
        Optional<String> key = Optional.ofNullable(headers.get("idempotency-key"));
        if (key.isPresent() && !IDEMPOTENCY_KEY.matcher(key.get()).matches()) {
            throw Fault.invalid("idempotency-key", "1 to 255 visible characters of ASCII");
        }
        return key;
    }

    /** A parameter of the query. */
    Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** Refuses query parameters other than these, and repeated ones. */
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

    /** The fields of its body; none if it has no body, as it may. */
    Fields fields() {
        return body.length() == 0 ? new Fields("", new JsonObject()) : requiredFields();
    }

    /** The fields of its body, which it must have. */
    Fields requiredFields() {
        try {
            return new Fields("", new JsonObject(body));
        } catch (DecodeException | ClassCastException notJson) {
            throw Fault.of(400, "invalid_json", "The body must be one JSON object.");
        }
    }

    /** Refuses to reveal a tenant that its caller may not know about. */
    void mustSee(String tenant) {
        if (!principal.sees(tenant)) {
            throw Fault.absent("tenant", tenant);
        }
    }

    /** The only tenant its caller may know about; empty if it may know about all. */
    Optional<String> onlyTenant() {
        return principal.role() instanceof Role.OfTenant(var tenant) ? Optional.of(tenant) : Optional.empty();
    }

    /** Who takes shared resources for it. */
    Holder holder() {
        return onlyTenant().<Holder>map(Holder.Tenant::new).orElseGet(Holder.Everyone::new);
    }
}
