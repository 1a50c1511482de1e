package sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.cluster.RedisSettings;
import sluice.cluster.RedisSettings.ExactLimit;
import sluice.cluster.RedisSettings.Login;
import sluice.cluster.RedisSettings.Mode;
import sluice.cluster.StoreLoss;
import sluice.quota.Limit;
import sluice.yaml.Interpolation;
import sluice.yaml.Parser;
import sluice.yaml.Redaction;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code redis}: where replicas keep shared state, and what applies while it is unreachable. */
final class RedisReader {
    private static final String URL = "redis://host:port or rediss://host:port, several with commas";
    /** What Sentinel's own example calls it. */
    private static final String MASTER = "mymaster";
    private static final String LIMIT = "rpm, rpd, tpm, tpd, or one of a tenant as in support-bot/rpm";

    static final Parser<List<URI>> ADDRESSES = Parser.of(() -> Map.of("type", "string"),
            RedisReader::addresses, all -> all.stream().map(Interpolation::escaped).collect(Collectors.joining(",")));

    private enum Shape {
        SINGLE, CLUSTER, SENTINEL
    }

    private final List<String> accounts;
    private final List<String> tenants;

    RedisReader(List<String> accounts, List<String> tenants) {
        this.accounts = accounts;
        this.tenants = tenants;
    }

    /** Empty if no address is given; the rest is still checked. */
    Optional<RedisSettings> read(Section redis) {
        List<URI> addresses = redis.optional("url", ADDRESSES).orElse(List.of());
        RedisSettings settings = new RedisSettings(addresses, mode(redis), login(redis, addresses),
                redis.file("ca-file", Values.authorities()),
                redis.value("prefix", Values.name(), "sluice"),
                redis.duration("timeout", Duration.ofMillis(1), Duration.ofSeconds(10), Duration.ofMillis(50)),
                redis.count("max-replicas", 1, 10_000, 10), redis.word("on-store-loss", StoreLoss.SHARE),
                Set.copyOf(redis.list("closed-accounts", Values.oneOf("one of ", accounts), List.of())),
                Set.copyOf(redis.list("exact", this::exact, List.of())));
        redis.show("closed-accounts", settings.closed().stream().sorted().toList());
        redis.show("exact", settings.exact().stream().map(RedisReader::shown).sorted().toList());
        if (addresses.isEmpty()) {
            redis.hide();
            return Optional.empty();
        }
        return Optional.of(settings);
    }

    private static String shown(ExactLimit limit) {
        return limit.tenant().map(tenant -> tenant + "/").orElse("") + limit.kind().key();
    }

    static Mode mode(Section redis) {
        Shape shape = redis.word("mode", Shape.SINGLE);
        Optional<String> master = redis.optional("master", Values.visible());
        if (shape == Shape.SENTINEL) {
            redis.show("master", Interpolation.escaped(master.orElse(MASTER)));
        }
        return switch (shape) {
            case SINGLE -> new Mode.Single();
            case CLUSTER -> new Mode.Cluster();
            case SENTINEL -> new Mode.Sentinel(master.orElse(MASTER));
        };
    }

    static Optional<Login> login(Section redis, List<URI> addresses) {
        Optional<String> user = redis.optional("user", Values.visible());
        Optional<String> password = redis.secret("password");
        if (user.isPresent() && password.isEmpty()) {
            redis.refuse("user", user.get(), "a password with it");
        }
        if (addresses.stream().anyMatch(address -> address.getRawUserInfo() != null)) {
            redis.refuse("url", Redaction.MARK, "no login; use the keys user and password");
        }
        return password.map(secret -> new Login(user, secret));
    }

    private ExactLimit exact(String text) throws Unacceptable {
        int slash = text.lastIndexOf('/');
        Optional<String> tenant = slash < 0 ? Optional.empty() : Optional.of(text.substring(0, slash));
        if (tenant.isPresent() && !tenants.contains(tenant.get())) {
            throw new Unacceptable(LIMIT);
        }
        return Limit.Kind.of(text.substring(slash + 1)).map(kind -> new ExactLimit(tenant, kind))
                .orElseThrow(() -> new Unacceptable(LIMIT));
    }

    private static List<URI> addresses(String text) throws Unacceptable {
        List<URI> addresses = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            addresses.add(address(each.strip()));
        }
        return addresses;
    }

    private static URI address(String text) throws Unacceptable {
        return Values.url(text, url -> List.of("redis", "rediss").contains(url.getScheme().toLowerCase(Locale.ROOT))
                && url.getRawQuery() == null && url.getRawFragment() == null, URL);
    }
}
