package sluice.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluice.calls.CallLedger;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.yaml.Entry;
import sluice.yaml.Interpolation;
import sluice.yaml.Parser;
import sluice.yaml.Redaction;
import sluice.yaml.Secret;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code ledger}: where state that must outlive the process is kept. */
final class LedgerReader {
    private static final String EXPECTED = "sqlite:data/sluice.db, or postgresql://user:password@host:port/database";
    private static final String SQLITE = "sqlite:";
    private static final long KIB = 1 << 10;
    private static final int POSTGRES_PORT = 5432;
    private static final Pattern POSTGRES = Pattern.compile("postgres(?:ql)?://"
            + "(?:(?<user>[^:/?#@]+)(?::(?<password>[^/?#@]*))?@)?"
            + "(?<hosts>[^/?#@]+)/(?<database>[^/?#@]+)(?:\\?(?<parameters>[^#]*))?");
    private static final Pattern HOST = Pattern
            .compile("(?:(?<name>[A-Za-z0-9._-]+)|\\[(?<address>[0-9A-Fa-f:.]+)\\])(?::(?<port>[0-9]{1,5}))?");

    private static final Pattern FORM = Pattern.compile("(?:sqlite|file):.+|postgres(?:ql)?://"
            + "(?:[^:/?#@]+(?::[^/?#@]*)?@)?" + listed(",", plain(HOST)) + "/[^/?#@]+(?:\\?"
            + listed("&", "(?:" + String.join("|", LedgerUrl.Postgres.PARAMETERS) + ")=[^&#]*") + ")?");
    private static final Parser<Optional<LedgerUrl>> URL = Values.orNothing(Parser.of(FORM, LedgerReader::parse));

    private LedgerReader() {}

    private static String listed(String separator, String each) {
        return each + "(?:" + separator + each + ")*";
    }

    /** Without group names, which may appear only once in a pattern. */
    private static String plain(Pattern pattern) {
        return pattern.pattern().replaceAll("\\?<[a-z]+>", "?:");
    }

    static LedgerUrl read(Section ledger) {
        LedgerUrl url = ledger.entry("url").flatMap(LedgerReader::url)
                .orElse(new LedgerUrl.Sqlite(Path.of("data/sluice.db")));
        ledger.show("url", Interpolation.escaped(url));
        return url;
    }

    static Duration startWait(Section ledger) {
        return ledger.duration("start-wait", Duration.ofSeconds(1), Duration.ofHours(1), Ledger.START_WAIT);
    }

    /** @param shared whether other replicas serve the same tenants */
    static CallLedger.Settings calls(Section ledger, LedgerUrl url, boolean shared) {
        if (shared && url instanceof LedgerUrl.Sqlite) {
            ledger.warn("url",
                    "a file of this process alone, although replicas share limits (redis.url): calls are not recorded, "
                            + "and there are no usage reports; use a PostgreSQL database");
        }
        Section spool = ledger.section("spool");
        return new CallLedger.Settings(spool.value("dir", Values.folder(), Path.of("data/spool")),
                spool.size("max-size", KIB, 1L << 40, 64L << 20),
                ledger.duration("keep-calls", Duration.ofHours(1), Duration.ofDays(3650), Duration.ofDays(30)));
    }

    /** In plain text, from a variable, or from {@code file:/path}, since it may contain a password. */
    private static Optional<LedgerUrl> url(Entry entry) {
        entry.takes(URL::form);
        return entry.secretText().flatMap(text -> Secret.textOf(entry, text).flatMap(url -> parsed(entry, text, url)));
    }

    private static Optional<LedgerUrl> parsed(Entry entry, Interpolation.Text text, String url) {
        try {
            Optional<LedgerUrl> parsed = URL.parse(url);
            parsed.flatMap(LedgerReader::password).ifPresent(password -> Secret.warn(entry, text, password));
            return parsed;
        } catch (Unacceptable e) {
            entry.refuse(e.shownOr(url.equals(text.value()) ? Redaction.shown(text.shown()) : Redaction.MARK),
                    e.expected());
            return Optional.empty();
        }
    }

    private static Optional<Secret> password(LedgerUrl url) {
        return switch (url) {
            case LedgerUrl.Sqlite file -> Optional.empty();
            case LedgerUrl.Postgres server -> server.login().flatMap(LedgerUrl.Login::password).map(Secret::new);
        };
    }

    private static LedgerUrl parse(String url) throws Unacceptable {
        return url.startsWith(SQLITE) ? sqlite(url.substring(SQLITE.length())) : postgres(url);
    }

    private static LedgerUrl sqlite(String path) throws Unacceptable {
        if (path.isEmpty()) {
            throw new Unacceptable(EXPECTED);
        }
        try {
            return new LedgerUrl.Sqlite(Path.of(path));
        } catch (InvalidPathException e) {
            throw new Unacceptable(EXPECTED, "not the name of a file");
        }
    }

    /** The faulty part of such a URL is not shown: it may be a misplaced password. */
    private static LedgerUrl postgres(String url) throws Unacceptable {
        Matcher matcher = POSTGRES.matcher(url);
        if (!matcher.matches()) {
            throw url.toLowerCase(Locale.ROOT).contains("postgres") ? unfit() : new Unacceptable(EXPECTED);
        }
        try {
            Optional<String> user = part(matcher, "user");
            Optional<String> password = part(matcher, "password");
            return new LedgerUrl.Postgres(hosts(matcher.group("hosts")), Values.decoded(matcher.group("database")),
                    user.map(name -> new LedgerUrl.Login(name, password)),
                    parameters(Optional.ofNullable(matcher.group("parameters")).orElse("")));
        } catch (IllegalArgumentException notEncoded) {
            throw unfit();
        }
    }

    private static Unacceptable unfit() {
        return new Unacceptable(EXPECTED + ", where %40 stands for an @ in the password, %2F for a / and so on",
                "postgresql://" + Redaction.MARK);
    }

    private static Optional<String> part(Matcher matcher, String group) {
        return Optional.ofNullable(matcher.group(group)).map(Values::decoded);
    }

    private static List<LedgerUrl.Host> hosts(String text) throws Unacceptable {
        List<LedgerUrl.Host> hosts = new ArrayList<>();
        for (String each : text.split(",", -1)) {
            Matcher host = HOST.matcher(each);
            if (!host.matches()) {
                throw unfit();
            }
            int port = Optional.ofNullable(host.group("port")).map(Integer::parseInt).orElse(POSTGRES_PORT);
            if (port < 1 || port > Values.LAST_PORT) {
                throw unfit();
            }
            hosts.add(new LedgerUrl.Host(
                    Optional.ofNullable(host.group("name")).orElseGet(() -> host.group("address")), port));
        }
        return hosts;
    }

    private static Map<String, String> parameters(String text) throws Unacceptable {
        Map<String, String> parameters = new TreeMap<>();
        for (String each : text.isEmpty() ? new String[0] : text.split("&", -1)) {
            int equals = each.indexOf('=');
            String name = equals < 0 ? "" : each.substring(0, equals);
            if (!LedgerUrl.Postgres.PARAMETERS.contains(name)) {
                throw new Unacceptable(Values.among("of ", LedgerUrl.Postgres.PARAMETERS, name),
                        name.isEmpty() ? "a parameter without a value" : "the parameter " + Redaction.shown(name));
            }
            parameters.put(name, Values.decoded(each.substring(equals + 1)));
        }
        return parameters;
    }
}
