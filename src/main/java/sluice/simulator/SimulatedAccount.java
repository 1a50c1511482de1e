package sluice.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One organization of the simulated API: its keys and the limits they share. An absent limit means no limit.
 *
 * @param shared     whether the limits apply to all models together; otherwise to each model separately
 * @param startEmpty whether the buckets start empty, as after someone else's burst
 */
public record SimulatedAccount(String name, List<String> keys, OptionalLong rpm, OptionalLong tpm, OptionalLong rpd,
        OptionalLong tpd, String organization, boolean shared, boolean startEmpty) {
    /** The key of the built-in account; it works only with a simulator. */
    public static final String DEFAULT_KEY = "sk-simulator";

    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9._-]+)=([^:]+)(?::(.+))?");

    public SimulatedAccount {
        keys = List.copyOf(keys);
        if (keys.isEmpty() || keys.stream().anyMatch(key -> !key.matches("[\\x21-\\x7e]+"))) {
            throw new IllegalArgumentException("account " + name + ": keys (expected: at least one, without spaces)");
        }
    }

    /** An account without limits. */
    public static SimulatedAccount unlimited(String name, String... keys) {
        OptionalLong none = OptionalLong.empty();
        return new SimulatedAccount(name, List.of(keys), none, none, none, none, "org-" + name, true, false);
    }

    /**
     * Reads {@code NAME=KEY[,KEY…][:OPTION=VALUE[,…]]} with the options {@code rpm tpm rpd tpd organization shared
     * start-empty}.
     */
    public static SimulatedAccount parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("account: not of the form NAME=KEY1,KEY2:rpm=600,tpm=100000");
        }
        SimulatedAccount account = unlimited(form.group(1), form.group(2).split(",", -1));
        String options = form.group(3);
        if (options != null) {
            for (String option : options.split(",", -1)) {
                account = account.with(option);
            }
        }
        return account;
    }

    public SimulatedAccount withShared(boolean share) {
        return new SimulatedAccount(name, keys, rpm, tpm, rpd, tpd, organization, share, startEmpty);
    }

    public SimulatedAccount withStartEmpty(boolean empty) {
        return new SimulatedAccount(name, keys, rpm, tpm, rpd, tpd, organization, shared, empty);
    }

    public SimulatedAccount withOrganization(String id) {
        return new SimulatedAccount(name, keys, rpm, tpm, rpd, tpd, id, shared, startEmpty);
    }

    private SimulatedAccount with(String option) {
        int equals = option.indexOf('=');
        String key = equals < 0 ? option : option.substring(0, equals);
        String value = equals < 0 ? "" : option.substring(equals + 1);
        return switch (key) {
            case "rpm" -> limits(limit(key, value), tpm, rpd, tpd);
            case "tpm" -> limits(rpm, limit(key, value), rpd, tpd);
            case "rpd" -> limits(rpm, tpm, limit(key, value), tpd);
            case "tpd" -> limits(rpm, tpm, rpd, limit(key, value));
            case "organization" -> withOrganization(value);
            case "shared" -> withShared(flag(key, value));
            case "start-empty" -> withStartEmpty(flag(key, value));
            default -> throw problem(key, value,
                    "one of rpm, tpm, rpd, tpd, organization, shared, start-empty");
        };
    }

    private SimulatedAccount limits(OptionalLong newRpm, OptionalLong newTpm, OptionalLong newRpd,
            OptionalLong newTpd) {
        return new SimulatedAccount(name, keys, newRpm, newTpm, newRpd, newTpd, organization, shared, startEmpty);
    }

    private OptionalLong limit(String key, String value) {
        if (!value.matches("[1-9][0-9]{0,9}")) {
            throw problem(key, value, "a whole number of 1 to 9999999999");
        }
        return OptionalLong.of(Long.parseLong(value));
    }

    private boolean flag(String key, String value) {
        if (!value.equals("true") && !value.equals("false")) {
            throw problem(key, value, "true or false");
        }
        return Boolean.parseBoolean(value);
    }

    private IllegalArgumentException problem(String key, String value, String expected) {
        return new IllegalArgumentException(
                "account " + name + ": " + key + "=" + value + " (expected: " + expected + ")");
    }

    /** One line for people: name, key ids and limits. The built-in key is shown as it is. */
    public String describe() {
        String shownKeys = keys.stream()
                .map(key -> key.equals(DEFAULT_KEY) ? key : KeyId.of(key))
                .collect(Collectors.joining(", "));
        List<String> limits = new ArrayList<>();
        rpm.ifPresent(n -> limits.add(shown(n, "requests/min")));
        rpd.ifPresent(n -> limits.add(shown(n, "requests/day")));
        tpm.ifPresent(n -> limits.add(shown(n, "tokens/min")));
        tpd.ifPresent(n -> limits.add(shown(n, "tokens/day")));
        String all = limits.isEmpty() ? "no limits" : String.join(", ", limits) + (shared ? "" : " for each model");
        return name + ": " + all + "; " + (keys.size() == 1 ? "key " : "keys ") + shownKeys;
    }

    private static String shown(long limit, String unit) {
        return String.format(Locale.ROOT, "%d %s", limit, unit);
    }

    @Override
    public String toString() {
        return "SimulatedAccount[" + describe() + "]";
    }
}
