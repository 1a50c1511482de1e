package sluice.admin;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import sluice.tenancy.KeyDigest;

/** Calls every route as somebody of one role, and judges the answers by the table of routes. */
public final class JudgedRoles {
    private JudgedRoles() {}

    /** A route's path, of this tenant and this key of its. */
    static String path(AdminRoute route, String tenant, String key) {
        return route.path().replace("{id}", KeyDigest.of(key).id()).replace("{name}", tenant);
    }

    /**
     * The answers that are wrong.
     *
     * @param tenant whose paths are asked for
     * @param key    of the tenant
     * @param call   sends a request without a body to a path
     */
    public static List<String> wrong(Role role, String tenant, String key,
            BiFunction<AdminRoute, String, HttpResponse<String>> call) {
        List<String> wrong = new ArrayList<>();
        for (AdminRoute route : AdminRoute.values()) {
            HttpResponse<String> answer = call.apply(route, path(route, tenant, key));
            AdminContract.holds(route, answer);
            if (!isRight(route, role, tenant, answer.statusCode())) {
                wrong.add(role + " " + route + ": " + answer.statusCode() + " " + answer.body());
            }
        }
        return wrong;
    }

    /** What a role may not do is refused; of a tenant of others a team learns nothing. */
    private static boolean isRight(AdminRoute route, Role role, String tenant, int status) {
        if (!route.allows(role)) {
            return status == 403;
        }
        boolean ofOthers = role instanceof Role.OfTenant(var own) && !own.equals(tenant) && route.path().contains("{");
        return ofOthers ? status == 404 : status < 500 && !Set.of(401, 403, 404, 405).contains(status);
    }
}
