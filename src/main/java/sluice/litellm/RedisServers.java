package sluice.litellm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Redis of theirs as ours: a server, a cluster, or what sentinels watch.
 *
 * @param section  whose fields these are, for notes
 * @param prefix   of the names of its fields there
 * @param variable for a password that stands in the file
 */
record RedisServers(String section, String prefix, Fields given, String variable) {
    private static final String NODES = "redis_startup_nodes";
    private static final String SENTINELS = "sentinel_nodes";
    private static final String SENTINEL_PASSWORD = "sentinel_password";

    /** Those of {@code cache_params}, the cache's own among them; others have no counterpart. */
    private static final Set<String> KNOWN = Set.of("type", "mode", "ttl", "supported_call_types", "host", "port",
            "password", "username", "url", "ssl", "db", NODES, SENTINELS, SENTINEL_PASSWORD, "service_name");

    /** The router's, or nothing. */
    static RedisServers ofRouter(Fields router) {
        return new RedisServers("router_settings", "redis_", router.or(router.in("cache_kwargs")), "REDIS_PASSWORD");
    }

    /** Whether there is one at all. */
    boolean isGiven() {
        return !text("host").isEmpty() || !text("url").isEmpty() || given.says(NODES) || given.says(SENTINELS);
    }

    /** The name of a field as the file has it. */
    private String named(String name) {
        return given.has(prefix + name) ? prefix + name : name;
    }

    private String text(String name) {
        return Variables.resolved(given.text(named(name)));
    }

    /** As the configuration has it. */
    Map<String, Object> entry(Variables variables, Notes notes) {
        Map<String, Object> server = new LinkedHashMap<>();
        if (given.says(NODES)) {
            server.put("url",
                    urls(given.objects(NODES).stream().map(node -> address(node.text("host"), node.text("port")))
                            .toList(), notes));
            server.put("mode", "cluster");
            noteDatabase("a Redis Cluster has database 0 only", notes);
        } else if (given.says(SENTINELS)) {
            server.put("url", urls(given.list(SENTINELS).stream().map(RedisServers::sentinel).toList(), notes));
            server.put("mode", "sentinel");
            if (!text("service_name").isEmpty()) {
                server.put("master", text("service_name"));
            }
            noteDatabase("with sentinels it is database 0", notes);
            notes.add(Notes.Kind.TO_DO,
                    "sentinels and their master have one `user` and `password` here: set the same at both,"
                            + " or none",
                    section);
        } else if (!text("url").isEmpty()) {
            server.put("url", RedisAddress.of(text("url")).url());
            noteUrl(notes);
        } else {
            server.put("url", single(notes));
        }
        login(server, variables, notes);
        Fields own = prefix.isEmpty() ? given : given.in("cache_kwargs");
        own.names().stream().filter(name -> !KNOWN.contains(name) && own.says(name))
                .forEach(name -> noteUnknown(name, notes));
        return server;
    }

    private void noteUnknown(String name, Notes notes) {
        notes.add(Notes.Kind.DROPPED, switch (name) {
            case "namespace" -> "keys begin with the `prefix` of `redis` and `cache.redis`";
            case "ssl_ca_certs", "ssl_cert_reqs", "ssl_check_hostname" ->
                "certificates are always verified; `ca-file` of `redis` and `cache.redis` names others to trust";
            default -> Settings.NOTHING;
        }, section, name);
    }

    private static String sentinel(Object node) {
        return node instanceof List<?> pair && pair.size() == 2
                ? address(String.valueOf(pair.get(0)), String.valueOf(pair.get(1)))
                : String.valueOf(node);
    }

    private static String address(String host, String port) {
        return Variables.resolved(host) + ":" + (port.isEmpty() ? "6379" : Variables.resolved(port));
    }

    private String urls(List<String> addresses, Notes notes) {
        String scheme = scheme(notes);
        return String.join(",", addresses.stream().map(scheme::concat).toList());
    }

    private String scheme(Notes notes) {
        String ssl = given.text(named("ssl"));
        if (ssl.startsWith("os.")) {
            notes.add(Notes.Kind.TO_DO, "make the URL rediss:// if this variable is true", section,
                    named("ssl") + " " + ssl);
        }
        return ssl.equalsIgnoreCase("true") ? "rediss://" : "redis://";
    }

    /** One server; what the file lacks is in the environment of LiteLLM. */
    private String single(Notes notes) {
        boolean named = !text("host").isEmpty();
        if (!named || text("password").isEmpty()) {
            notes.add(Notes.Kind.TO_DO,
                    "LiteLLM falls back to these variables; `redis` and `cache.redis` use only those that"
                            + " they name, so add the others if they are set",
                    section,
                    Stream.of("host", "port", "password", "ssl").filter(name -> !given.has(named(name)))
                            .map(name -> "REDIS_" + name.toUpperCase(Locale.ROOT)).toArray(String[]::new));
        }
        String host = named ? text("host") : Variables.reference("REDIS_HOST");
        String port = named ? "6379" : Variables.reference("REDIS_PORT:6379");
        return scheme(notes) + host + ":" + (text("port").isEmpty() ? port : text("port")) + database(notes);
    }

    private String database(Notes notes) {
        return Amounts.known(named("db"), section, given, notes).map(Number::longValue).filter(number -> number > 0)
                .map(number -> "/" + number).orElse("");
    }

    private void noteDatabase(String why, Notes notes) {
        if (given.says(named("db"))) {
            notes.add(Notes.Kind.TO_DO, why + ": check that nobody else uses it", section,
                    named("db") + " " + given.text(named("db")));
        }
    }

    private void noteUrl(Notes notes) {
        String url = RedisAddress.of(text("url")).url();
        if (url.startsWith("${")) {
            notes.add(Notes.Kind.TO_DO, "the URL of a Redis has no login here: if these variables hold one, take it out"
                    + " and set `user` and `password`", url);
        }
        for (String name : List.of("host", "port", "ssl", "db")) {
            if (given.says(named(name))) {
                notes.add(Notes.Kind.TO_DO, "only the URL counts here: check that it says the same", section,
                        named(name) + " " + given.text(named(name)));
            }
        }
    }

    private void login(Map<String, Object> server, Variables variables, Notes notes) {
        RedisAddress url = given.says(NODES) || given.says(SENTINELS)
                ? new RedisAddress("", "", "")
                : RedisAddress.of(text("url"));
        String field = given.says(SENTINELS) && given.says(SENTINEL_PASSWORD)
                ? SENTINEL_PASSWORD
                : named(given.says(named("password")) ? "password" : "url");
        String secret = field.equals(named("url")) ? url.password() : given.text(field);
        String user = text("username").isEmpty() ? url.user() : text("username");
        if (secret.isEmpty()) {
            if (!user.isEmpty()) {
                notes.add(Notes.Kind.TO_DO, "a `user` of Redis needs a `password`: set both", section, user);
            }
            return;
        }
        if (!user.isEmpty()) {
            server.put("user", user);
        }
        server.put("password", variables.secret(field, secret, "", variable));
    }
}
