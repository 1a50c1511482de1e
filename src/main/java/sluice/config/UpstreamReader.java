package sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;
import sluice.upstream.UpstreamClient.EgressProxy;

/** Reads {@code upstream} except its accounts: how to reach the upstream. */
final class UpstreamReader {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final String PROXY = "http://host:port, or a mapping of url, user and password";

    private static final URI OPENAI = URI.create("https://api.openai.com/v1");
    private static final Pattern BASE_URL = Pattern.compile("https?://[^/?#@]+(/[^?#]*)?");
    private static final Pattern PROXY_URL = Pattern.compile("http://[^/?#]+:[0-9]+/?");

    private UpstreamReader() {}

    static UpstreamClient.Settings read(Section upstream) {
        return new UpstreamClient.Settings(baseUrl(upstream, OPENAI),
                upstream.value("connections", Values.count(1, 100_000), 512),
                upstream.value("connection-max-age", Values.duration(Duration.ofSeconds(1), DAY),
                        Duration.ofMinutes(5)),
                upstream.value("idle", Values.duration(Duration.ofSeconds(1), DAY), Duration.ofSeconds(30)),
                upstream.value("http2", Values.flag(), true),
                proxy(upstream), upstream.file("ca-file", Values.authorities()),
                timeouts(upstream.section("timeouts")));
    }

    static GatewayConfig.Retries retries(Section upstream) {
        Section retries = upstream.section("retries");
        return new GatewayConfig.Retries(retries.value("attempts", Values.count(1, 10), 3),
                retries.value("budget", Values.share(0, 1), 0.2));
    }

    static AccountHealth.BreakerSettings breaker(Section upstream) {
        Section breaker = upstream.section("breaker");
        return new AccountHealth.BreakerSettings(breaker.value("failures", Values.share(0.01, 1), 0.5),
                breaker.value("of-at-least", Values.count(1, 1_000_000), 20),
                breaker.value("within", Values.duration(SHORTEST, DAY), Duration.ofSeconds(10)),
                breaker.value("open-for", Values.duration(SHORTEST, DAY), Duration.ofSeconds(1)));
    }

    private static UpstreamClient.Timeouts timeouts(Section timeouts) {
        return new UpstreamClient.Timeouts(
                timeouts.value("connect", Values.duration(SHORTEST, DAY), Duration.ofSeconds(5)),
                timeouts.value("first-byte", Values.duration(SHORTEST, DAY), Duration.ofMinutes(10)),
                timeouts.value("idle", Values.duration(SHORTEST, DAY), Duration.ofMinutes(10)));
    }

    /** The base URL in a section, or the default. */
    static URI baseUrl(Section upstream, URI otherwise) {
        Optional<URI> named = baseUrl(upstream);
        URI url = named.orElse(otherwise);
        upstream.show("base-url", EffectiveConfig.text(url));
        if (named.isPresent() && url.getScheme().equals("http") && !Hosts.isLoopback(url.getHost())) {
            upstream.warn("base-url", "plain http to another machine: keys and prompts can be read in transit");
        }
        return url;
    }

    /** The base URL in a section. */
    static Optional<URI> baseUrl(Section section) {
        return section.optional("base-url", Parser.of(() -> Values.text(BASE_URL), UpstreamReader::parseBaseUrl));
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
        proxy.user().ifPresent(user -> shown.put("user", EffectiveConfig.text(user)));
        proxy.password().ifPresent(password -> shown.put("password", Redaction.MARK));
        return shown;
    }

    private static Optional<EgressProxy> proxy(Entry entry) {
        if (!entry.isMapping()) {
            return entry.as(Values.orNothing(Parser.of(() -> Values.text(PROXY_URL), UpstreamReader::parseProxy)))
                    .flatMap(proxy -> proxy);
        }
        Section section = entry.section();
        Optional<EgressProxy> proxy = section.required("url",
                Parser.of(() -> Values.text(PROXY_URL), UpstreamReader::parseProxy), "http://host:port");
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
                && List.of("", "/").contains(proxy.getRawPath()) && proxy.getRawQuery() == null, PROXY);
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
