package sluice.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.admin.AdminServer;
import sluice.admin.Role;
import sluice.login.Provider;
import sluice.yaml.Parser;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code admin.oidc}: how people log in to the admin listener. */
final class AdminOidc {
    private static final String CALLBACK = "/admin/login/callback";
    private static final Pattern WORD = Pattern.compile("[\\x21-\\x7e]{1,256}");
    private static final Pattern GROUP = Pattern.compile("[ -~]{1,256}");
    private static final Duration LONGEST = Duration.ofHours(12);
    private static final String A_URL = "an https URL such as https://login.example.com";
    private static final String A_GROUP = "a group, as the claim names it";
    private static final String OWN_URL = "where browsers reach this listener, such as https://sluice.example.com, "
            + "without a path";

    private AdminOidc() {}

    static Optional<AdminServer.Oidc> read(Section oidc) {
        Optional<String> issuer = oidc.required("issuer", IdentityReader.URL, A_URL);
        Optional<String> clientId = oidc.required("client-id", Values.visible(),
                "what the provider knows this gateway as");
        oidc.show("client-secret", "");
        Optional<Provider.ClientSecret> secret = oidc.secret("client-secret").map(Provider.ClientSecret::new);
        Optional<URI> url = oidc.required("url", Parser.of(IdentityReader.ADDRESS, AdminOidc::parseUrl), OWN_URL);
        List<String> scopes = oidc.values("scopes", Values.matching(WORD, "a scope of the provider, such as profile"),
                List.of("openid", "profile"));
        if (!scopes.contains("openid")) {
            oidc.refuse("scopes", scopes.toString(), "openid among them");
        }
        String claim = oidc.value("groups-claim",
                Values.matching(WORD, "the claim that holds a person's groups"), "groups");
        List<AdminServer.GroupRole> roles = oidc.requiredSections("roles", "at least one group and its role").stream()
                .flatMap(rule -> role(rule).stream()).toList();
        Duration session = oidc.duration("session", Duration.ofMinutes(1), LONGEST, Duration.ofHours(1));
        Optional<Path> caFile = oidc.file("ca-file", Values.authorities());
        return issuer.flatMap(known -> clientId.flatMap(id -> url.map(own -> new AdminServer.Oidc(
                new Provider.Settings(known, id, secret, own.resolve(CALLBACK), scopes, claim, caFile), own, roles,
                session))));
    }

    private static Optional<AdminServer.GroupRole> role(Section rule) {
        Optional<String> group = rule.required("group", Values.matching(GROUP, A_GROUP), A_GROUP);
        Optional<Role> role = rule.required("role", AdminTokens.ROLE, AdminTokens.ROLES);
        return group.flatMap(name -> role.map(known -> new AdminServer.GroupRole(name, known)));
    }

    private static URI parseUrl(String text) throws Unacceptable {
        URI url = Values.url(text, each -> IdentityReader.isSafe(each) && each.getPath().replace("/", "").isEmpty()
                && each.getQuery() == null, OWN_URL);
        return URI.create(url.getScheme() + "://" + url.getRawAuthority());
    }
}
