package sluice.managed;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.tenancy.Tenant;

/** How the configuration in effect declares tenants, and how it would read one. */
public interface Declarations {

    /** Settings that are not those of a tenant under this configuration. It carries no stack trace. */
    final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient List<String> problems;

        public Unfit(List<String> problems) {
            super(String.join("; ", problems), null, false, false);
            this.problems = List.copyOf(problems);
        }

        /** Each as {@code key: value (expected: …)}. */
        public List<String> problems() {
            return problems;
        }
    }

    /** The tenants that the configuration declares. */
    List<Tenant> declared();

    /** The settings of each of its plans, defaults included, by name in the order of the file. */
    Map<String, JsonObject> plans();

    /** Where it declares a tenant, for people; empty if it does not. */
    Optional<String> place(String name);

    /** The tenant of this name with these settings, a JSON object in the configuration's keys; it has no keys yet. */
    Tenant read(String name, String settings) throws Unfit;

    /** Of tenants that cannot be in effect together, the later ones by name, each with the reason. */
    Map<String, String> conflicts(Collection<Tenant> tenants);

    /**
     * All settings of a tenant in the configuration's keys, defaults included.
     *
     * @param settings as {@link #read} takes them; empty for those of a declared tenant
     */
    JsonObject show(String name, Optional<String> settings);
}
