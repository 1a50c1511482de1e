package sluice.config;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluice.admin.AdminServer;
import sluice.admin.Role;
import sluice.tenancy.KeyDigest;
import sluice.yaml.Parser;
import sluice.yaml.Redaction;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code admin.tokens}: tokens of the admin API by name and role, as digests only. */
final class AdminTokens {
    static final Parser<Role> ROLE = Parser.of(
            () -> Map.of("type", "string", "pattern", "^(?:viewer|operator|tenant:[a-z0-9][a-z0-9._-]{0,63})$"),
            AdminTokens::role);
    static final String ROLES = "viewer, operator, or tenant: and the name of a tenant";

    private AdminTokens() {}

    static List<AdminServer.Token> read(Section admin) {
        Set<String> names = new HashSet<>();
        Set<KeyDigest> digests = new HashSet<>();
        return admin.sections("tokens").stream().flatMap(section -> token(section, names, digests).stream()).toList();
    }

    private static Optional<AdminServer.Token> token(Section section, Set<String> names, Set<KeyDigest> digests) {
        Optional<String> name = section.name("name", Values.name(), "a name for logs and the audit", names,
                "a name no other token has");
        Optional<Role> role = section.required("role", ROLE, ROLES);
        Optional<KeyDigest> digest = section.required("sha256", "the SHA-256 of the token").flatMap(Digests::bare);
        boolean breakGlass = section.flag("break-glass", false);
        digest.filter(known -> !digests.add(known))
                .ifPresent(twice -> section.refuse("sha256", Redaction.MARK, "a digest no other token has"));
        digest.ifPresent(known -> section.show("sha256", known.hex()));
        return name.flatMap(called -> role.flatMap(may -> digest
                .map(known -> new AdminServer.Token(called, may, known, breakGlass))));
    }

    private static Role role(String text) throws Unacceptable {
        Role role = Role.of(text).orElseThrow(() -> new Unacceptable(ROLES));
        if (role instanceof Role.OfTenant(var tenant)) {
            TenantName.parse(tenant);
        }
        return role;
    }
}
