package sluice.ledger;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Where the ledger is. Its text may be shown: it leaves the password out. */
public sealed interface LedgerUrl {

    /** A file of SQLite, for one process. */
    record Sqlite(Path file) implements LedgerUrl {

        @Override
        public String toString() {
            return "sqlite:" + file;
        }
    }

    /**
     * A database of PostgreSQL, which replicas may share.
     *
     * @param hosts      never empty; if there are several, the one that accepts writes is used
     * @param login      empty if the server requires none
     * @param parameters of {@link #PARAMETERS}, as PostgreSQL's driver understands them
     */
    record Postgres(List<Host> hosts, String database, Optional<Login> login,
            Map<String, String> parameters) implements LedgerUrl {

        /** The names that parameters may have. None of them holds a secret. */
        public static final List<String> PARAMETERS = List.of("ApplicationName", "channelBinding", "currentSchema",
                "options", "prepareThreshold", "requireAuth", "sslcert", "sslkey", "sslmode", "sslNegotiation",
                "sslrootcert", "targetServerType");

        public Postgres {
            hosts = List.copyOf(hosts);
            parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
        }

        /** Without login and parameters. */
        String name() {
            return "postgresql://" + hosts.stream().map(Host::toString).collect(Collectors.joining(",")) + "/"
                    + encoded(database);
        }

        @Override
        public String toString() {
            String who = login.map(known -> known + "@").orElse("");
            String how = parameters.entrySet().stream().map(each -> each.getKey() + "=" + encoded(each.getValue()))
                    .collect(Collectors.joining("&"));
            return "postgresql://" + who + name().substring("postgresql://".length())
                    + (how.isEmpty() ? "" : "?" + how);
        }
    }

    /** A server; an IPv6 address without its brackets. */
    record Host(String name, int port) {

        @Override
        public String toString() {
            return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
        }
    }

    /** A user and a password, which is never printed. */
    record Login(String user, Optional<String> password) {

        @Override
        public String toString() {
            return encoded(user) + password.map(secret -> ":[redacted]").orElse("");
        }
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
    }
}
