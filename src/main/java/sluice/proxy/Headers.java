package sluice.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.openai.GoDuration;
import sluice.quota.Limit.Unit;
import sluice.quota.QuotaBucket;
import sluice.quota.TenantQuota;
import sluice.upstream.Account;
import sluice.upstream.ApiKey;

/** What reaches whom: which headers pass in either direction, and which are ours. */
final class Headers {
    static final String REQUEST_ID = "x-sluice-request-id";
    static final String CACHE = "x-sluice-cache";
    static final String WAIT = "x-sluice-wait-ms";
    static final String ERROR_SOURCE = "x-sluice-error-source";

    /** Of one connection only (RFC 9110, section 7.6.1). */
    private static final HeaderNames HOP_BY_HOP = HeaderNames.of("connection", "keep-alive", "proxy-authenticate",
            "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade");

    /** The tenant's own affair, or set anew for the upstream. */
    private static final HeaderNames NOT_UPSTREAM = HeaderNames.of("host", "authorization", "api-key",
            "openai-organization",
            "openai-project", "cookie", "forwarded", "via", "content-length", "expect", "x-real-ip");

    /** The account's affair, or meant for the host that the gateway stands before. */
    private static final HeaderNames NOT_TO_CLIENT = HeaderNames.of("set-cookie", "alt-svc",
            "strict-transport-security",
            "openai-organization", "openai-project", "content-length");

    /** The names under which a limit is told. */
    private record LimitHeaders(String limit, String remaining, String reset) {
        private static final LimitHeaders REQUESTS = named("requests");
        private static final LimitHeaders TOKENS = named("tokens");

        static LimitHeaders of(Unit unit) {
            return unit == Unit.REQUESTS ? REQUESTS : TOKENS;
        }

        private static LimitHeaders named(String unit) {
            return new LimitHeaders("x-ratelimit-limit-" + unit, "x-ratelimit-remaining-" + unit,
                    "x-ratelimit-reset-" + unit);
        }
    }

    private Headers() {}

    /**
     * Fills the headers of a call for the upstream.
     *
     * @param readable whether the answer must come uncompressed, since something in it is read here
     */
    static void toUpstream(MultiMap from, MultiMap to, Account account, ApiKey key, boolean readable) {
        copy(from, to, NOT_UPSTREAM, "x-sluice-", "x-forwarded-");
        to.set(HttpHeaders.AUTHORIZATION, "Bearer " + key.value());
        if (readable) {
            to.set(HttpHeaders.ACCEPT_ENCODING, HttpHeaders.IDENTITY);
        }
        account.organization().ifPresent(value -> to.set("openai-organization", value));
        account.project().ifPresent(value -> to.set("openai-project", value));
    }

    /** Fills the headers of a relayed answer for the client. */
    static void toClient(MultiMap from, MultiMap to) {
        copy(from, to, NOT_TO_CLIENT, "x-sluice-", "x-ratelimit-");
    }

    /** What describes a body and holds for every copy of it. */
    static List<Map.Entry<String, String>> worthKeeping(MultiMap from) {
        List<Map.Entry<String, String>> kept = new ArrayList<>();
        for (String name : List.of("content-type", "openai-version", "openai-model")) {
            String value = from.get(name);
            if (value != null) {
                kept.add(Map.entry(name, value));
            }
        }
        return kept;
    }

    /** The tenant's own limits in OpenAI's words; token headers only where a token limit exists. */
    static void rateLimits(MultiMap to, TenantQuota quota) {
        for (Unit unit : Unit.values()) {
            Optional<QuotaBucket.Level> level = quota.level(unit);
            if (level.isPresent()) {
                LimitHeaders names = LimitHeaders.of(unit);
                to.set(names.limit(), Long.toString(level.get().limit()));
                to.set(names.remaining(), Long.toString(level.get().remaining()));
                to.set(names.reset(), GoDuration.format(level.get().resetNanos()));
            }
        }
    }

    /** Copies all headers but those withheld by name or by the beginning of their name. */
    private static void copy(MultiMap from, MultiMap to, HeaderNames withheld, String family, String otherFamily) {
        String connection = from.get(HttpHeaders.CONNECTION);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            if (!HOP_BY_HOP.contains(name) && !withheld.contains(name) && !HeaderNames.begins(name, family)
                    && !HeaderNames.begins(name, otherFamily) && !names(connection, name)) {
                to.add(name, header.getValue());
            }
        }
    }

    /** Whether a Connection header names the header as one of its connection only. */
    private static boolean names(@Nullable String connection, String name) {
        if (connection == null || connection.equalsIgnoreCase("keep-alive")) {
            return false;
        }
        for (String token : connection.split(",", -1)) {
            if (token.strip().equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }
}
