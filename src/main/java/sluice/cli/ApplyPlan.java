package sluice.cli;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What must be done so that a gateway manages what a list says.
 *
 * @param steps in order; none if it is so already
 */
record ApplyPlan(List<Step> steps) {
    private static final int ID = 12;

    /**
     * A request to the admin API.
     *
     * @param told for people
     */
    record Step(String told, String method, String path, @Nullable JsonObject body) {}

    ApplyPlan {
        steps = List.copyOf(steps);
    }

    /** @param prune whether what the list does not name is deleted, tenants and keys */
    static ApplyPlan of(TenantList wanted, TenantList there, boolean prune) {
        List<Step> steps = new ArrayList<>();
        wanted.tenants().forEach((name, entry) -> {
            TenantList.Entry before = there.tenants().get(name);
            if (before == null) {
                steps.add(new Step("+ tenant " + name + " " + entry.settings().encode(), "POST", "/tenants",
                        new JsonObject().put("name", name).put("settings", entry.settings())));
            } else {
                change(steps, name, before.settings(), entry.settings());
            }
            keys(steps, name, before == null ? Map.of() : before.keys(), entry.keys(), prune);
        });
        if (prune) {
            there.tenants().keySet().stream().filter(name -> !wanted.tenants().containsKey(name)).forEach(
                    name -> steps.add(new Step("- tenant " + name, "DELETE", "/tenants/" + name, null)));
        }
        return new ApplyPlan(steps);
    }

    private static void change(List<Step> steps, String name, JsonObject before, JsonObject after) {
        Set<String> keys = new TreeSet<>(before.fieldNames());
        keys.addAll(after.fieldNames());
        JsonObject patch = new JsonObject();
        List<String> told = new ArrayList<>();
        for (String key : keys) {
            if (!Objects.equals(before.getValue(key), after.getValue(key))) {
                patch.put(key, after.getValue(key));
                told.add(key + ": " + before.getValue(key) + " -> " + after.getValue(key));
            }
        }
        if (!told.isEmpty()) {
            steps.add(new Step("~ tenant " + name + " " + String.join(", ", told), "PATCH", "/tenants/" + name,
                    new JsonObject().put("settings", patch)));
        }
    }

    private static void keys(List<Step> steps, String tenant, Map<String, Optional<Instant>> before,
            Map<String, Optional<Instant>> after, boolean prune) {
        after.forEach((digest, end) -> {
            String id = digest.substring(0, ID);
            String until = end.map(moment -> " until " + moment).orElse("");
            if (!before.containsKey(digest)) {
                steps.add(new Step("+ key " + id + " of " + tenant + until, "POST", "/tenants/" + tenant + "/keys",
                        ends(end).put("sha256", digest)));
            } else if (!end.equals(before.get(digest))) {
                steps.add(new Step("~ key " + id + " of " + tenant + (until.isEmpty() ? " without an end" : until),
                        "PATCH",
                        "/keys/" + id, ends(end)));
            }
        });
        if (prune) {
            before.keySet().stream().filter(digest -> !after.containsKey(digest)).map(digest -> digest.substring(0, ID))
                    .forEach(id -> steps.add(new Step("- key " + id + " of " + tenant, "DELETE", "/keys/" + id, null)));
        }
    }

    private static JsonObject ends(Optional<Instant> end) {
        return new JsonObject().put("not_after", end.map(Instant::toString).orElse(null));
    }
}
