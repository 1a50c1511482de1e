package sluice.calls;

import io.vertx.core.MultiMap;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a {@link UsageQuery} from the parameters of a URL. */
public final class UsageQueryReader {
    private static final Duration LONGEST = Duration.ofDays(400);
    private static final Duration LONGEST_BY_HOUR = Duration.ofDays(31);
    private static final int MOST_ROWS = 10_000;
    private static final int ROWS = 1_000;
    private static final int LONGEST_WORD = 256;
    private static final int LONGEST_CURSOR = 8_192;
    private static final String DATES = "a date such as 2026-11-30, or a whole hour such as 2026-11-30T23:00:00Z, in UTC";
    private static final Set<String> OTHERS = Set.of("from", "to", "by", "format", "limit", "cursor");

    /** A parameter that cannot be understood. */
    public static final class Unclear extends Exception {
        private static final long serialVersionUID = 1L;

        private final String parameter;
        private final String expected;

        Unclear(String parameter, String expected) {
            super(parameter + ": " + expected, null, false, false);
            this.parameter = parameter;
            this.expected = expected;
        }

        /** Its name. */
        public String parameter() {
            return parameter;
        }

        /** What it should have been. */
        public String expected() {
            return expected;
        }
    }

    private final MultiMap parameters;
    private final Instant now;
    private final boolean anyTenant;

    private UsageQueryReader(MultiMap parameters, Instant now, boolean anyTenant) {
        this.parameters = parameters;
        this.now = now;
        this.anyTenant = anyTenant;
    }

    /**
     * Reads it; without {@code from} and {@code to} it is about the current month, so far.
     *
     * @param anyTenant whether it may choose among tenants
     */
    public static UsageQuery read(MultiMap parameters, Instant now, boolean anyTenant) throws Unclear {
        return new UsageQueryReader(parameters, now, anyTenant).query();
    }

    private UsageQuery query() throws Unclear {
        refuseUnknown();
        List<Dimension> by = by();
        Map<Dimension, String> where = where();
        LocalDate month = now.atOffset(ZoneOffset.UTC).toLocalDate().withDayOfMonth(1);
        Instant from = moment("from", month);
        Instant to = moment("to", month.plusMonths(1));
        UsageQuery query = new UsageQuery(from, to, by, where, limit(), after(by), format());
        judge(query);
        return query;
    }

    private void refuseUnknown() throws Unclear {
        Set<String> known = new TreeSet<>(OTHERS);
        for (Dimension each : Dimension.values()) {
            if (!each.isTime() && (anyTenant || each != Dimension.TENANT)) {
                known.add(each.word());
            }
        }
        for (String name : parameters.names()) {
            if (!known.contains(name)) {
                throw new Unclear(name, "only " + String.join(", ", known));
            }
            if (parameters.getAll(name).size() > 1) {
                throw new Unclear(name, "it once");
            }
        }
    }

    private List<Dimension> by() throws Unclear {
        String text = text("by", anyTenant ? "tenant" : "model");
        List<Dimension> by = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            Optional<Dimension> dimension = Dimension.of(word.strip());
            if (dimension.isEmpty() || by.contains(dimension.get())) {
                throw new Unclear("by", "some of " + String.join(", ", Dimension.WORDS) + ", separated by commas");
            }
            by.add(dimension.get());
        }
        return by;
    }

    private Map<Dimension, String> where() throws Unclear {
        Map<Dimension, String> where = new EnumMap<>(Dimension.class);
        for (Dimension each : Dimension.values()) {
            String value = parameters.get(each.word());
            if (value != null && !each.isTime()) {
                if (value.length() > LONGEST_WORD || value.chars().anyMatch(Character::isISOControl)) {
                    throw new Unclear(each.word(),
                            "at most " + LONGEST_WORD + " characters, and no control characters");
                }
                where.put(each, value);
            }
        }
        return where;
    }

    private Instant moment(String name, LocalDate unsaid) throws Unclear {
        String text = parameters.get(name);
        if (text == null) {
            return start(unsaid);
        }
        try {
            Instant moment = text.indexOf('T') < 0 ? start(LocalDate.parse(text)) : Instant.parse(text);
            if (moment.equals(moment.truncatedTo(ChronoUnit.HOURS)) && text.startsWith("2")) {
                return moment;
            }
        } catch (DateTimeParseException notOne) {
            // Reported below.
        }
        throw new Unclear(name, DATES);
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private int limit() throws Unclear {
        String text = text("limit", Integer.toString(ROWS));
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MOST_ROWS) {
            throw new Unclear("limit", "a number of rows from 1 to " + MOST_ROWS);
        }
        return Integer.parseInt(text);
    }

    private UsageQuery.Format format() throws Unclear {
        return switch (text("format", "json")) {
            case "json" -> UsageQuery.Format.JSON;
            case "csv" -> UsageQuery.Format.CSV;
            default -> throw new Unclear("format", "json or csv");
        };
    }

    private static void judge(UsageQuery query) throws Unclear {
        if (!query.from().isBefore(query.to())) {
            throw new Unclear("to", "a time after from, " + query.from());
        }
        boolean hours = query.by().contains(Dimension.HOUR);
        Duration longest = hours ? LONGEST_BY_HOUR : LONGEST;
        if (Duration.between(query.from(), query.to()).compareTo(longest) > 0) {
            throw new Unclear("to", "at most " + longest.toDays() + " days after from" + (hours ? ", by hour" : ""));
        }
        List<Dimension> narrow = Arrays.stream(Dimension.values())
                .filter(each -> query.by().contains(each) || query.where().containsKey(each))
                .filter(each -> each.slice().isPresent()).toList();
        if (narrow.size() > 1) {
            throw new Unclear("by", "one of tag, user and hour at a time");
        }
        if (!narrow.isEmpty() && !narrow.getFirst().equals(Dimension.HOUR) && !query.isWholeDays()) {
            throw new Unclear("from", "dates without a time: usage by " + narrow.getFirst().word()
                    + " is kept by day");
        }
    }

    private Optional<List<Object>> after(List<Dimension> by) throws Unclear {
        String cursor = parameters.get("cursor");
        if (cursor == null) {
            return Optional.empty();
        }
        List<Object> after = cursor.length() > LONGEST_CURSOR ? null : decoded(cursor);
        if (after == null || after.size() != by.size()) {
            throw wrongCursor();
        }
        for (int i = 0; i < by.size(); i++) {
            boolean fits = by.get(i).isTime() ? after.get(i) instanceof Number : after.get(i) instanceof String;
            if (!fits) {
                throw wrongCursor();
            }
        }
        return Optional.of(after);
    }

    private static Unclear wrongCursor() {
        return new Unclear("cursor", "the previous answer's next_cursor, with the same other parameters");
    }

    private static @Nullable List<Object> decoded(String cursor) {
        try {
            return List.copyOf(new JsonArray(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8))
                    .stream().toList());
        } catch (IllegalArgumentException | DecodeException | NullPointerException notOurs) {
            return null;
        }
    }

    /** The cursor that asks for what follows a row. */
    static String cursor(List<Object> after) {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString(new JsonArray(after).encode().getBytes(StandardCharsets.UTF_8));
    }

    private String text(String name, String unsaid) {
        String text = parameters.get(name);
        return text == null ? unsaid : text;
    }
}
