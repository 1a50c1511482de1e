package sluice.admin;

import static sluice.admin.AdminRoute.Who.ALL;
import static sluice.admin.AdminRoute.Who.OPERATORS;
import static sluice.admin.AdminRoute.Who.OPERATORS_AND_TEAM;
import static sluice.admin.AdminRoute.Who.STAFF;

import java.util.Arrays;
import java.util.List;

/**
 * The routes of the admin API, and who may call them: the table that the listener enforces and that tests hold
 * {@code openapi.yaml} to. A team that may call a route is shown its own tenant there; another's does not exist for it.
 */
public enum AdminRoute {
    CONTRACT("GET", "/admin/v1/openapi.yaml", ALL), //
    SESSION("GET", "/admin/v1/session", ALL), //
    CONFIG("GET", "/admin/v1/config", STAFF), //
    OVERVIEW("GET", "/admin/v1/overview", ALL), //
    QUEUE("GET", "/admin/v1/queue", STAFF), //
    USAGE("GET", "/admin/v1/usage", ALL), //
    PLANS("GET", "/admin/v1/plans", STAFF), //
    TENANTS("GET", "/admin/v1/tenants", ALL), //
    CREATE_TENANT("POST", "/admin/v1/tenants", OPERATORS), //
    TENANT("GET", "/admin/v1/tenants/{name}", ALL), //
    CHANGE_TENANT("PATCH", "/admin/v1/tenants/{name}", OPERATORS), //
    DELETE_TENANT("DELETE", "/admin/v1/tenants/{name}", OPERATORS), //
    TENANT_KEYS("GET", "/admin/v1/tenants/{name}/keys", ALL), //
    ISSUE_KEY("POST", "/admin/v1/tenants/{name}/keys", OPERATORS_AND_TEAM), //
    KEYS("GET", "/admin/v1/keys", ALL), //
    KEY("GET", "/admin/v1/keys/{id}", ALL), //
    CHANGE_KEY("PATCH", "/admin/v1/keys/{id}", OPERATORS_AND_TEAM), //
    DELETE_KEY("DELETE", "/admin/v1/keys/{id}", OPERATORS), //
    ROTATE_KEY("POST", "/admin/v1/keys/{id}/rotate", OPERATORS_AND_TEAM), //
    ACCOUNTS("GET", "/admin/v1/accounts", STAFF), //
    LIMITS("GET", "/admin/v1/limits", ALL), //
    CALLS("GET", "/admin/v1/calls", ALL), //
    EXPLAIN("POST", "/admin/v1/explain", ALL), //
    AUDIT("GET", "/admin/v1/audit", STAFF), //
    DRY_RUN("POST", "/admin/v1/dry-run", OPERATORS), //
    PURGE_CACHE("POST", "/admin/v1/cache/purge", OPERATORS_AND_TEAM), //
    OBJECTS("GET", "/admin/v1/objects", ALL), //
    ASSIGN_OBJECTS("POST", "/admin/v1/objects", OPERATORS), //
    REVOKE_KEY("POST", "/admin/v1/keys/{id}/revoke", OPERATORS_AND_TEAM), //
    RESTORE_KEY("POST", "/admin/v1/keys/{id}/restore", OPERATORS), //
    REVOKE_SUBJECT("POST", "/admin/v1/subjects/revoke", OPERATORS);

    /** Who may call a route. */
    enum Who {
        /** Everyone with a token. */
        ALL,
        /** Everyone except teams. */
        STAFF,
        /** Operators only. */
        OPERATORS,
        /** Operators, and the team of the tenant that it is about. */
        OPERATORS_AND_TEAM;

        boolean includes(Role role) {
            return switch (role) {
                case Role.Operator() -> true;
                case Role.Viewer() -> this == ALL || this == STAFF;
                case Role.OfTenant(var _) -> this == ALL || this == OPERATORS_AND_TEAM;
            };
        }
    }

    private final String method;
    private final String path;
    private final Who who;

    AdminRoute(String method, String path, Who who) {
        this.method = method;
        this.path = path;
        this.who = who;
    }

    /** {@code GET}, {@code POST}, … */
    public String method() {
        return method;
    }

    /** With its parameters in braces. */
    public String path() {
        return path;
    }

    /** Whether this role may call it. */
    public boolean allows(Role role) {
        return who.includes(role);
    }

    /** The methods that its path has, in the form of the header {@code allow}. */
    String allow() {
        List<String> methods = Arrays.stream(values()).filter(other -> other.path.equals(path))
                .map(AdminRoute::method).toList();
        return String.join(", ", methods);
    }

    /** Whether it only reads. */
    boolean reads() {
        return method.equals("GET");
    }
}
