package sluice.litellm;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fields of teams and keys that have no counterpart, and what there is instead. */
final class Dropped {
    private static final String USERS = "limits and budgets of organizations, projects, members, users and agents do not apply; tenants have `per-user`";
    private static final String PROMPTS = "Sluice does not read prompts";
    private static final String ROUTES = "routes of other providers do not exist here";
    private static final String GROUPS = "access groups of LiteLLM's console may grant models too, and the list does not say which: add them to `models`";
    private static final String OBJECTS = "access to vector stores, tools and agents is not restricted; `endpoints` grants classes of routes";
    private static final String LOGS = "use traces.otlp-endpoint, metrics and the access log";
    private static final String TAGS = "callers send tags themselves: x-sluice-tags";
    private static final String BUDGETS = "a budget holds for all models of a tenant together";
    private static final String ROTATION = "keys are rotated by the admin API or `sluice key`";
    private static final String NOTHING = "no counterpart";

    /** By field of a team or key; what they keep in {@code metadata} counts as a field. */
    private static final Map<String, String> INSTEAD = Map.ofEntries(
            Map.entry("soft_budget", "budgets.warn-at warns at a share of every budget"),
            Map.entry("organization_id", USERS), Map.entry("project_id", USERS), Map.entry("agent_id", USERS),
            Map.entry("team_memberships", USERS), Map.entry("default_team_member_models", USERS),
            Map.entry("team_member_budget_id", USERS), Map.entry("team_member_budget_table", USERS),
            Map.entry("budget_id", "limits of a budget_id are not in the list; set them"),
            Map.entry("budget_limits", "budgets are by day and month"), Map.entry("budget_fallbacks", NOTHING),
            Map.entry("temp_budget_increase", "raise a budget in the file, and lower it again"),
            Map.entry("model_max_budget", BUDGETS),
            Map.entry("object_permission", OBJECTS), Map.entry("allowed_vector_store_indexes", OBJECTS),
            Map.entry("access_group_ids", GROUPS),
            Map.entry("router_settings", NOTHING), Map.entry("permissions", NOTHING),
            Map.entry("allowed_cache_controls", NOTHING), Map.entry("enforced_params", NOTHING),
            Map.entry("config", NOTHING), Map.entry("guardrails", PROMPTS), Map.entry("policies", PROMPTS),
            Map.entry("prompts", PROMPTS), Map.entry("logging", LOGS), Map.entry("tags", TAGS),
            Map.entry("allowed_passthrough_routes", ROUTES),
            Map.entry("auto_rotate", ROTATION), Map.entry("rotation_interval", ROTATION));

    /** What {@code metadata} holds besides, of LiteLLM's own. */
    private static final Set<String> KNOWN = Set.of("model_rpm_limit", "model_tpm_limit", "rpm_limit_type",
            "tpm_limit_type", "service_account_id", "soft_budget_alerting_emails", "temp_budget_expiry");

    /** Fields of theirs that are converted, or that say nothing about what may be called. */
    private static final Set<String> FIELDS = Set.of("team_id", "team_alias", "admins", "members", "members_with_roles",
            "members_count", "team_member_permissions", "metadata", "tpm_limit", "rpm_limit", "tpd_limit", "rpd_limit",
            "max_parallel_requests", "max_budget", "budget_duration", "budget_reset_at", "models", "blocked", "spend",
            "model_spend", "model_id", "litellm_model_table", "object_permission_id", "created_at", "created_by",
            "updated_at", "updated_by", "keys", "keys_count", "allow_team_guardrail_config", "token", "token_id",
            "key_name", "key_alias", "key_type", "expires", "aliases", "user_id", "user", "user_email",
            "created_by_user",
            "org_id", "allowed_routes", "soft_budget_cooldown", "litellm_budget_table", "last_active",
            "last_refreshed_at",
            "rotation_count", "last_rotation_at", "key_rotation_at", "model_rpm_limit", "model_tpm_limit",
            "rpm_limit_per_model", "tpm_limit_per_model", "rpm_limit_type", "tpm_limit_type", "team", "api_key");

    private Dropped() {}

    /** Objects that LiteLLM always writes say something only if they hold more than ids. */
    private static boolean matters(String field, Fields fields) {
        return switch (field) {
            case "object_permission" -> {
                Fields permission = fields.in(field);
                yield permission.names().stream().anyMatch(name -> !name.endsWith("_id") && permission.says(name));
            }
            case "team_memberships" -> fields.objects(field).stream()
                    .anyMatch(member -> member.says("budget_id") || member.says("litellm_budget_table"));
            case "budget_id" -> !fields.has("litellm_budget_table");
            default -> true;
        };
    }

    /** Notes the fields that say anything. */
    static void note(String whose, Fields given, Notes notes) {
        for (Fields fields : List.of(given, given.in("metadata"))) {
            for (String field : fields.names()) {
                String instead = INSTEAD.get(field);
                if (instead != null && fields.says(field) && matters(field, fields)) {
                    notes.add(instead.equals(GROUPS) ? Notes.Kind.TO_DO : Notes.Kind.DROPPED, instead, whose, field);
                }
            }
        }
        given.names().stream()
                .filter(field -> !INSTEAD.containsKey(field) && !FIELDS.contains(field) && given.says(field))
                .forEach(field -> notes.add(Notes.Kind.DROPPED, "fields the import does not know", whose, field));
        Fields metadata = given.in("metadata");
        metadata.names().stream()
                .filter(field -> !INSTEAD.containsKey(field) && !KNOWN.contains(field) && metadata.says(field))
                .forEach(field -> notes.add(Notes.Kind.DROPPED,
                        "tenants have no metadata; keep it elsewhere under the tenant's name",
                        whose, field));
    }
}
