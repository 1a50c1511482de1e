package sluice.admin;

/**
 * Who calls the admin API.
 *
 * @param name       of the token, as logs and the audit show it
 * @param role       what it may do
 * @param breakGlass whether the token is for emergencies, so that each use is audited
 */
record Principal(String name, Role role, boolean breakGlass) {

    /** Whether it may know about the tenant. */
    boolean sees(String tenant) {
        return !(role instanceof Role.OfTenant(var own)) || own.equals(tenant);
    }
}
