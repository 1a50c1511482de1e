package sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.net.Hosts;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;
import sluice.upstream.UpstreamClient.EgressProxy;
import sluice.yaml.Entry;
import sluice.yaml.Interpolation;
import sluice.yaml.Parser;
import sluice.yaml.Redaction;
import sluice.yaml.Secret;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code upstream} except its accounts: how to reach the upstream. */
final class UpstreamReader {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final String A_PROXY = "http://host:port, or a mapping of url, user and password";

    private static final URI OPENAI = URI.create("https://api.openai.com/v1");
    private static final Pattern BASE_URL = Pattern.compile("https?://[^/?#@]+(/[^?#]*)?");
    private static final Parser<EgressProxy> PROXY = Parser.of(Pattern.compile("http://[^/?#]+:[0-9]+/?"),
            UpstreamReader::parseProxy);

    private UpstreamReader() {}

    static UpstreamClient.Settings read(Section upstream) {
        return new UpstreamClient.Settings(baseUrl(upstream, OPENAI),
                upstream.count("connections", 1, 100_000, 512),
                upstream.duration("connection-max-age", Duration.ofSeconds(1), DAY, Duration.ofMinutes(5)),
                upstream.duration("idle", Duration.ofSeconds(1), DAY, Duration.ofSeconds(30)),
                upstream.flag("http2", true), proxy(upstream), upstream.file("ca-file", Values.authorities()),
                timeouts(upstream.section("timeouts")));
    }

    static GatewayConfig.Retries retries(Section upstream) {
        Section retries = upstream.section("retries");
        return new GatewayConfig.Retries(retries.count("attempts", 1, 10, 3), retries.share("budget", 0, 1, 0.2));
    }

    static AccountHealth.BreakerSettings breaker(Section upstream) {
        Section breaker = upstream.section("breaker");
        return new AccountHealth.BreakerSettings(breaker.share("failures", 0.01, 1, 0.5),
                breaker.count("of-at-least", 1, 1_000_000, 20),
                breaker.duration("within", SHORTEST, DAY, Duration.ofSeconds(10)),
                breaker.duration("open-for", SHORTEST, DAY, Duration.ofSeconds(1)));
    }

    private static UpstreamClient.Timeouts timeouts(Section timeouts) {
        return new UpstreamClient.Timeouts(
                timeouts.duration("connect", SHORTEST, DAY, Duration.ofSeconds(5)),
                timeouts.duration("first-byte", SHORTEST, DAY, Duration.ofMinutes(10)),
                timeouts.duration("idle", SHORTEST, DAY, Duration.ofMinutes(10)));
    }

    /** The base URL in a section, or the default. */
    static URI baseUrl(Section upstream, URI otherwise) {
        Optional<URI> named = baseUrl(upstream);
        URI url = named.orElse(otherwise);
        upstream.show("base-url", Interpolation.escaped(url));
        if (named.isPresent() && url.getScheme().equals("http") && !Hosts.isLoopback(url.getHost())) {
            upstream.warn("base-url", "plain http to another machine: keys and prompts can be read in transit");
        }
        return url;
    }

    /** The base URL in a section. */
    static Optional<URI> baseUrl(Section section) {
        return section.optional("base-url", Parser.of(BASE_URL, UpstreamReader::parseBaseUrl));
    }

    private static URI parseBaseUrl(String text) throws Unacceptable {
        Values.url(text, url -> Values.isWeb(url) && url.getRawQuery() == null && url.getRawFragment() == null
                && url.getRawUserInfo() == null,
                "an absolute URL such as https://api.openai.com/v1, without query or user");
        return URI.create(text.replaceFirst("/+$", ""));
    }

    private static Optional<EgressProxy> proxy(Section upstream) {
        Optional<EgressProxy> proxy = upstream.entry("proxy").filter(entry -> !entry.isNothing())
                .flatMap(UpstreamReader::proxy);
        proxy.ifPresent(known -> upstream.show("proxy", shown(known)));
        return proxy;
    }

    private static Map<String, Object> shown(EgressProxy proxy) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("url", "http://" + proxy.host() + ":" + proxy.port());
        proxy.user().ifPresent(user -> shown.put("user", Interpolation.escaped(user)));
        proxy.password().ifPresent(password -> shown.put("password", Redaction.MARK));
        return shown;
    }

    private static Optional<EgressProxy> proxy(Entry entry) {
        if (!entry.isMapping()) {
            return entry.as(Values.orNothing(PROXY)).flatMap(proxy -> proxy);
        }
        Section section = entry.section();
        Optional<EgressProxy> proxy = section.required("url", PROXY, "http://host:port");
        boolean named = section.entry("user").isPresent();
        Optional<String> user = section.optional("user", text -> text);
        Optional<Entry> password = section.entry("password");
        if (named != password.isPresent()) {
            section.refuse(named ? "user without password" : "password without user", "both or neither");
        }
        if (user.isEmpty()) {
            return proxy;
        }
        Optional<ApiKey> secret = password.flatMap(at -> Secret.required(at, "the password of the user"))
                .map(found -> new ApiKey(found.value()));
        return proxy.map(found -> new EgressProxy(found.host(), found.port(), user, secret));
    }

    private static EgressProxy parseProxy(String text) throws Unacceptable {
        URI url = Values.url(text, proxy -> proxy.getScheme().equals("http") && proxy.getPort() > 0
                && List.of("", "/").contains(proxy.getRawPath()) && proxy.getRawQuery() == null, A_PROXY);
        String login = url.getRawUserInfo();
        if (login == null) {
            return new EgressProxy(url.getHost(), url.getPort(), Optional.empty(), Optional.empty());
        }
        int colon = login.indexOf(':');
        if (colon < 1) {
            throw new Unacceptable("http://user:password@host:port");
        }
        return new EgressProxy(url.getHost(), url.getPort(), Optional.of(Values.decoded(login.substring(0, colon))),
                Optional.of(new ApiKey(Values.decoded(login.substring(colon + 1)))));
    }
}
