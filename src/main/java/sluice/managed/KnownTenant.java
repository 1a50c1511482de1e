package sluice.managed;

import java.util.List;
import java.util.Optional;
import sluice.tenancy.Tenant;

/**
 * A tenant that is known here, whoever made it.
 *
 * @param tenant  as it is in effect; empty for a managed one whose settings do not fit the configuration
 * @param managed what is known of it if the admin API has made it; empty if the configuration declares it
 * @param unfit   why it is not in effect; empty if it is
 */
public record KnownTenant(String name, Optional<Tenant> tenant, Optional<ManagedTenant> managed, List<String> unfit) {

    public KnownTenant {
        unfit = List.copyOf(unfit);
    }
}
