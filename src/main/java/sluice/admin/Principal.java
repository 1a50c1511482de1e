package sluice.admin;

import java.util.Optional;

/**
 * Who calls the admin API.
 *
 * @param name       of the token, as logs and the audit show it
 * @param role       what it may do
 * @param breakGlass whether the token is for emergencies, so that each use is audited
 * @param session    of a person who has logged in; programs have none
 */
record Principal(String name, Role role, boolean breakGlass, Optional<Sessions.Session> session) {

    /** A token, not a person. */
    Principal(String name, Role role, boolean breakGlass) {
        this(name, role, breakGlass, Optional.empty());
    }

    /** Whether it may know about the tenant. */
    boolean sees(String tenant) {
        return !(role instanceof Role.OfTenant(var own)) || own.equals(tenant);
    }
}
