package sluice.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import sluice.identity.CertificateRule;
import sluice.identity.ClaimPattern;
import sluice.identity.Identities;
import sluice.identity.Issuer;
import sluice.identity.NamePattern;
import sluice.net.Hosts;
import sluice.yaml.Interpolation;
import sluice.yaml.Parser;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code identity}: whose tokens are accepted instead of keys, and which tenants they name. */
final class IdentityReader {
    private static final String FILE = "file:";
    static final Pattern ADDRESS = Pattern.compile("https?://[^/?#@]+(/[^#]*)?");
    static final Parser<String> URL = Parser.of(ADDRESS, IdentityReader::parseUrl);
    private static final Pattern SOURCE = Pattern.compile(FILE + ".+|" + ADDRESS.pattern());
    private static final Pattern CLAIM = Pattern.compile("[\\x21-\\x7e]{1,256}");
    private static final String A_NAME = "a subject alternative name, or a pattern such as "
            + "spiffe://cluster.local/ns/search/* or *.search.internal";
    private static final String A_URL = "an https URL such as https://issuer.example.com";

    private final List<String> tenants;
    private final Set<String> urls = new HashSet<>();

    private IdentityReader(List<String> tenants) {
        this.tenants = tenants;
    }

    static Identities.Settings read(Section identity, List<String> tenants) {
        IdentityReader reader = new IdentityReader(tenants);
        List<Issuer> issuers = identity.sections("issuers").stream()
                .flatMap(section -> reader.issuer(section).stream()).toList();
        Duration maxStale = identity.duration("jwks-max-stale", Duration.ofMinutes(1), Duration.ofDays(30),
                Duration.ofDays(1));
        return new Identities.Settings(issuers, maxStale, identity.sections("certificates").stream()
                .flatMap(rule -> reader.certificate(rule).stream()).toList());
    }

    private Optional<CertificateRule> certificate(Section rule) {
        Optional<String> san = rule.required("san", Values.matching(CLAIM, A_NAME), A_NAME);
        Optional<String> tenant = tenant(rule, "the tenant that such a certificate names");
        return san.flatMap(name -> tenant.map(named -> new CertificateRule(new NamePattern(name), named)));
    }

    private Optional<String> tenant(Section rule, String expected) {
        return rule.required("tenant", Values.oneOf("a tenant: ", tenants), expected);
    }

    private Optional<Issuer> issuer(Section section) {
        Optional<String> url = section.name("issuer", URL, A_URL, urls, "an issuer listed only once");
        Set<String> audiences = audiences(section);
        Issuer.Keys keys = section.optional("jwks", Parser.of(() -> Values.text(SOURCE), IdentityReader::parseKeys,
                IdentityReader::shown)).orElse(new Issuer.Keys.Discovered());
        Optional<Path> caFile = section.file("ca-file", Values.authorities());
        Optional<Path> tokenFile = section.file("token-file", Values.file());
        List<Issuer.Rule> rules = section.requiredSections("tenants", "at least one rule that names a tenant").stream()
                .flatMap(rule -> rule(rule).stream()).toList();
        return url.filter(known -> !audiences.isEmpty())
                .map(known -> new Issuer(known, audiences, keys, caFile, tokenFile, rules));
    }

    private static Set<String> audiences(Section section) {
        Parser<String> parser = Values.matching(CLAIM, "the name of this gateway in 'aud'");
        Set<String> audiences = new HashSet<>();
        section.required("audience", "the 'aud' of tokens for this gateway").ifPresent(entry -> {
            entry.each().forEach(one -> one.as(parser).ifPresent(audiences::add));
            if (entry.each().isEmpty()) {
                entry.refuse("[]", "at least one");
            }
        });
        section.show("audience", audiences.stream().sorted().toList());
        return audiences;
    }

    private Optional<Issuer.Rule> rule(Section rule) {
        Section match = rule.section("match");
        Map<String, ClaimPattern> patterns = new LinkedHashMap<>();
        Parser<String> pattern = Values.matching(CLAIM,
                "a claim's value, or a pattern such as system:serviceaccount:search:*");
        match.namedValues(pattern).forEach((claim, text) -> patterns.put(claim, new ClaimPattern(text)));
        if (match.isEmpty()) {
            rule.refuse("match", "nothing",
                    "a claim and its value, such as { sub: \"system:serviceaccount:search:*\" }");
        }
        return tenant(rule, "the tenant such a token belongs to").map(tenant -> new Issuer.Rule(patterns, tenant));
    }

    private static Object shown(Issuer.Keys keys) {
        return switch (keys) {
            case Issuer.Keys.Discovered() -> "";
            case Issuer.Keys.Address(URI url) -> Interpolation.escaped(url);
            case Issuer.Keys.InFile(Path file) -> Interpolation.escaped(FILE + file);
        };
    }

    private static Issuer.Keys parseKeys(String text) throws Unacceptable {
        return text.startsWith(FILE)
                ? new Issuer.Keys.InFile(Values.file().parse(text.substring(FILE.length())))
                : new Issuer.Keys.Address(URI.create(parseUrl(text)));
    }

    /** Plain http is for tests on one machine: whoever can tamper with it can impersonate anyone. */
    static boolean isSafe(URI url) {
        return (url.getScheme().equals("https")
                || (url.getScheme().equals("http") && Hosts.isLoopback(url.getHost())))
                && url.getUserInfo() == null && url.getFragment() == null;
    }

    private static String parseUrl(String text) throws Unacceptable {
        Values.url(text, IdentityReader::isSafe, A_URL);
        return text;
    }
}
