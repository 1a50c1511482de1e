package sluice.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.admin.AdminServer;
import sluice.admin.Role;
import sluice.login.Provider;

/** Reads {@code admin.oidc}: how people log in to the admin listener. */
final class AdminOidc {
    private static final String CALLBACK = "/admin/login/callback";
    private static final Pattern WORD = Pattern.compile("[\\x21-\\x7e]{1,256}");
    private static final Pattern GROUP = Pattern.compile("[ -~]{1,256}");
    private static final Duration LONGEST = Duration.ofHours(12);
    private static final String A_URL = "an https URL such as https://login.example.com";
    private static final String OWN_URL = "where browsers reach this listener, such as https://sluice.example.com, "
            + "without a path";

    private AdminOidc() {}

    static Optional<AdminServer.Oidc> read(Section oidc) {
        Optional<String> issuer = oidc.required("issuer",
                Parser.of(() -> Values.text(IdentityReader.ADDRESS), IdentityReader::parseUrl), A_URL);
        Optional<String> clientId = oidc.required("client-id", Values.visible(),
                "what the provider knows this gateway as");
        Optional<Provider.ClientSecret> secret = oidc.entry("client-secret").flatMap(Secret::optional)
                .map(known -> new Provider.ClientSecret(known.value()));
        oidc.show("client-secret", secret.isPresent() ? Redaction.MARK : "");
        Optional<URI> url = oidc.required("url",
                Parser.of(() -> Values.text(IdentityReader.ADDRESS), AdminOidc::parseUrl), OWN_URL);
        List<String> scopes = oidc.values("scopes", Values.matching(WORD, "a scope of the provider, such as profile"),
                List.of("openid", "profile"));
        if (!scopes.contains("openid")) {
            oidc.refuse("scopes", scopes.toString(), "openid among them");
        }
        String claim = oidc.value("groups-claim",
                Values.matching(WORD, "the claim that holds a person's groups"), "groups");
        List<AdminServer.GroupRole> roles = roles(oidc);
        Duration session = oidc.value("session", Values.duration(Duration.ofMinutes(1), LONGEST),
                Duration.ofHours(1));
        Optional<Path> caFile = oidc.file("ca-file", Values.authorities());
        return issuer.flatMap(known -> clientId.flatMap(id -> url.map(own -> new AdminServer.Oidc(
                new Provider.Settings(known, id, secret, own.resolve(CALLBACK), scopes, claim, caFile), own, roles,
                session))));
    }

    private static List<AdminServer.GroupRole> roles(Section oidc) {
        List<AdminServer.GroupRole> roles = new ArrayList<>();
        List<Object> shown = new ArrayList<>();
        for (Entry item : oidc.requiredItems("roles", "at least one group and its role")) {
            Section rule = item.section();
            Optional<String> group = rule.required("group", Values.matching(GROUP, "a group, as the claim names it"),
                    "a group, as the claim names it");
            Optional<Role> role = rule.required("role", AdminTokens.ROLE, AdminTokens.ROLES);
            group.ifPresent(name -> role.ifPresent(known -> roles.add(new AdminServer.GroupRole(name, known))));
            shown.add(rule.inEffect());
        }
        oidc.show("roles", shown);
        return roles;
    }

    private static URI parseUrl(String text) throws Unacceptable {
        URI url;
        try {
            url = URI.create(IdentityReader.parseUrl(text));
        } catch (Unacceptable notOne) {
            throw new Unacceptable(OWN_URL);
        }
        if (!url.getPath().replace("/", "").isEmpty() || url.getQuery() != null) {
            throw new Unacceptable(OWN_URL);
        }
        return URI.create(url.getScheme() + "://" + url.getRawAuthority());
    }
}
