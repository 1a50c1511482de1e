package sluice.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import sluice.net.HeaderNames;
import sluice.openai.GoDuration;
import sluice.quota.Limit.Unit;
import sluice.quota.QuotaBucket;
import sluice.quota.TenantQuota;
import sluice.quota.Verdict;
import sluice.upstream.Account;
import sluice.upstream.ApiKey;

/** Which headers pass in either direction, and which are the gateway's own. */
public final class Headers {
    public static final String REQUEST_ID = "x-sluice-request-id";
    static final String CACHE = "x-sluice-cache";
    static final String WAIT = "x-sluice-wait-ms";
    static final String ERROR_SOURCE = "x-sluice-error-source";
    public static final String TAGS = "x-sluice-tags";
    /** Set on the answer to a call that repeats another one by its {@code Idempotency-Key}. */
    public static final String REPLAYED = "idempotent-replayed";
    private static final String LIMIT = "x-sluice-limit";

    /** Hop-by-hop headers (RFC 9110, section 7.6.1). */
    private static final HeaderNames HOP_BY_HOP = HeaderNames.of("connection", "http2-settings", "keep-alive", "te",
            "trailer", "transfer-encoding", "upgrade").andAll("proxy-");

    /**
     * Withheld from the upstream: what concerns only the tenant, what is set again, addresses reported by a proxy in
     * front of the gateway, and requests for a different call than the one that was checked.
     */
    private static final HeaderNames NOT_UPSTREAM = HeaderNames.of("host", "authorization", "api-key",
            "openai-organization", "openai-project", "cookie", "forwarded", "via", "content-length", "expect",
            "cf-connecting-ip", "cf-connecting-ipv6", "cf-pseudo-ipv4", "fastly-client-ip", "true-client-ip",
            "x-azure-clientip", "x-azure-socketip", "x-client-ip", "x-cluster-client-ip", "x-envoy-external-address",
            "x-real-ip", "x-original-forwarded-for", "x-original-url", "x-rewrite-url", "x-http-method",
            "x-http-method-override", "x-method-override").andAll("x-sluice-", "x-forwarded-", "sec-websocket-");

    /** Withheld from the client: what concerns the account, and what is meant for the upstream's own host. */
    private static final HeaderNames NOT_TO_CLIENT = HeaderNames.of("set-cookie", "alt-svc",
            "strict-transport-security", "openai-organization", "openai-project", "content-length")
            .andAll("x-sluice-", "x-ratelimit-");

    /** The header names that report a limit. */
    private record LimitHeaders(CharSequence limit, CharSequence remaining, CharSequence reset) {
        private static final LimitHeaders REQUESTS = named("requests");
        private static final LimitHeaders TOKENS = named("tokens");

        static LimitHeaders of(Unit unit) {
            return unit == Unit.REQUESTS ? REQUESTS : TOKENS;
        }

        void write(MultiMap to, QuotaBucket.Level level) {
            to.set(limit, Long.toString(level.limit()));
            to.set(remaining, Long.toString(level.remaining()));
            to.set(reset, GoDuration.format(level.resetNanos()));
        }

        private static LimitHeaders named(String unit) {
            return new LimitHeaders(HttpHeaders.createOptimized("x-ratelimit-limit-" + unit),
                    HttpHeaders.createOptimized("x-ratelimit-remaining-" + unit),
                    HttpHeaders.createOptimized("x-ratelimit-reset-" + unit));
        }
    }

    private Headers() {}

    /**
     * Sets the headers of a call to the upstream.
     *
     * @param readable whether the answer must arrive uncompressed, because something in it is read here
     */
    public static void toUpstream(MultiMap from, MultiMap to, Account account, ApiKey key, boolean readable) {
        copy(from, to, NOT_UPSTREAM);
        if (readable) {
            to.set(HttpHeaders.ACCEPT_ENCODING, HttpHeaders.IDENTITY);
        }
        account.open(to, key);
    }

    /** Sets the headers of a relayed answer for the client. */
    public static void toClient(MultiMap from, MultiMap to) {
        copy(from, to, NOT_TO_CLIENT);
    }

    /** The headers that describe a body and hold for every copy of it. */
    public static List<Map.Entry<String, String>> worthKeeping(MultiMap from) {
        List<Map.Entry<String, String>> kept = new ArrayList<>();
        for (String name : List.of("content-type", "content-encoding", "openai-version", "openai-model")) {
            String value = from.get(name);
            if (value != null) {
                kept.add(Map.entry(name, value));
            }
        }
        return kept;
    }

    /** The tenant's own limits in OpenAI's format; token headers only if there is a token limit. */
    static void rateLimits(MultiMap to, TenantQuota quota) {
        for (Unit unit : Unit.values()) {
            Optional<QuotaBucket.Level> level = quota.level(unit);
            if (level.isPresent()) {
                LimitHeaders.of(unit).write(to, level.get());
            }
        }
    }

    /** The limit that refused a call, instead of the one of its kind with the least left. */
    static void refusedBy(MultiMap to, Verdict.Refused verdict) {
        to.set(LIMIT, verdict.name());
        LimitHeaders.of(verdict.limit().kind().unit()).write(to, verdict.level());
    }

    /** A limit that the rate limit headers do not describe: of calls in flight, or of money. */
    static void refusedBy(MultiMap to, String limit) {
        to.set(LIMIT, limit);
    }

    /** Copies all headers except those withheld and those of the connection only. */
    private static void copy(MultiMap from, MultiMap to, HeaderNames withheld) {
        Set<String> named = named(from);
        from.forEach((name, value) -> {
            if (!HOP_BY_HOP.contains(name) && !withheld.contains(name) && !named.contains(name)) {
                to.add(name, value);
            }
        });
    }

    /** The headers that the Connection headers, of which there may be several, name as belonging to the connection. */
    private static Set<String> named(MultiMap from) {
        List<String> lines = from.getAll(HttpHeaders.CONNECTION);
        if (lines.isEmpty() || (lines.size() == 1 && lines.getFirst().equalsIgnoreCase("keep-alive"))) {
            return Set.of();
        }
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        lines.forEach(line -> Stream.of(line.split(",", -1)).map(String::strip).forEach(names::add));
        return names;
    }
}
