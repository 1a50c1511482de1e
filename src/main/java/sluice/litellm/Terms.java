package sluice.litellm;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Limits and budgets of a team or a key.
 *
 * @param amounts  by our names
 * @param byModel  limits of single models, by our names of both
 * @param budgeted whether it has a budget, also one that is still to be set by hand
 */
record Terms(Map<String, BigDecimal> amounts, Map<String, Map<String, BigDecimal>> byModel, boolean budgeted) {
    private static final BigDecimal MOST_DOLLARS = new BigDecimal(1_000_000);
    private static final BigDecimal MOST_CONCURRENT = new BigDecimal(1_000_000);
    private static final BigDecimal MOST = new BigDecimal(1_000_000_000);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(s|m|h|d|w|mo)");
    private static final int LEAST_OF_MONTH = 28;
    private static final int MOST_OF_MONTH = 31;
    private static final List<Words> LIMITS = List.of(new Words("rpm_limit", "rpm"), new Words("tpm_limit", "tpm"),
            new Words("rpd_limit", "rpd"), new Words("tpd_limit", "tpd"),
            new Words("max_parallel_requests", "concurrent"));
    /** What is set, in LiteLLM's words. */
    static List<String> said(Fields given) {
        List<String> said = new ArrayList<>();
        LIMITS.stream().map(Words::theirs).filter(given::has).forEach(name -> said.add(name + " " + given.text(name)));
        if (given.has("max_budget")) {
            said.add("max_budget of " + budget(given));
        }
        said.addAll(ModelLimits.said(given));
        return said;
    }

    private static Fields withTable(Fields listed) {
        return listed.or(listed.in("litellm_budget_table"));
    }

    /** Whether a limit or the budget is 0 or less, so that LiteLLM refuses every call. */
    static boolean isClosed(Fields listed) {
        Fields given = withTable(listed);
        return Stream.concat(LIMITS.stream().map(Words::theirs), Stream.of("max_budget"))
                .anyMatch(name -> given.number(name).map(BigDecimal::signum).orElse(1) <= 0);
    }

    /** Reads them, of models as far as they may be called; what they cannot say is noted. */
    static Terms of(String whose, Fields listed, Grant grant, ModelNames models, Notes notes) {
        Fields given = withTable(listed);
        Map<String, BigDecimal> amounts = new LinkedHashMap<>();
        for (Words words : LIMITS) {
            BigDecimal most = words.ours().equals("concurrent") ? MOST_CONCURRENT : MOST;
            Amounts.whole(words.theirs(), whose, given, notes).ifPresent(limit -> amounts.put(words.ours(),
                    Amounts.capped(limit, most, words.theirs(), whose, notes)));
        }
        Amounts.known("max_budget", whose, given, notes).ifPresent(budget -> period(given.text("budget_duration"))
                .ifPresentOrElse(period -> amounts.put(period, dollars(budget, whose, notes)),
                        () -> notes.add(Notes.Kind.TO_DO, "budgets are by day and month, so these have none yet: set"
                                + " usd-per-day or usd-per-month", whose, budget(given))));
        return new Terms(amounts, ModelLimits.of(whose, given, grant, models, notes), given.says("max_budget"));
    }

    private static BigDecimal dollars(BigDecimal budget, String whose, Notes notes) {
        return Amounts.capped(Amounts.dollars(budget, "max_budget", whose, notes), MOST_DOLLARS, "max_budget", whose,
                notes);
    }

    /** Our budget of that length, if it is a day or a month however it is written. */
    private static Optional<String> period(String lasts) {
        Matcher matcher = DURATION.matcher(lasts);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        Duration length = switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "mo" -> Duration.ofDays(number * MOST_OF_MONTH);
            case "w" -> Duration.ofDays(number * 7);
            default -> Duration.ofDays(number);
        };
        if (length.equals(Duration.ofDays(1))) {
            return Optional.of("usd-per-day");
        }
        boolean month = length.compareTo(Duration.ofDays(LEAST_OF_MONTH)) >= 0
                && length.compareTo(Duration.ofDays(MOST_OF_MONTH)) <= 0;
        return month ? Optional.of("usd-per-month") : Optional.empty();
    }

    private static String budget(Fields given) {
        String lasts = given.text("budget_duration");
        return given.text("max_budget") + " dollars" + (lasts.isEmpty() ? ", never resets" : " per " + lasts);
    }

    /** The smaller of each. */
    Terms and(Terms other) {
        Map<String, BigDecimal> smaller = new LinkedHashMap<>(amounts);
        other.amounts.forEach((name, amount) -> smaller.merge(name, amount, BigDecimal::min));
        Map<String, Map<String, BigDecimal>> models = new LinkedHashMap<>();
        byModel.forEach((model, limits) -> models.put(model, new LinkedHashMap<>(limits)));
        other.byModel.forEach((model, limits) -> limits.forEach((name, amount) -> models
                .computeIfAbsent(model, fresh -> new LinkedHashMap<>()).merge(name, amount, BigDecimal::min)));
        return new Terms(smaller, models, budgeted || other.budgeted);
    }

    /** Writes them into a tenant. */
    void into(Map<String, Object> tenant) {
        amounts.forEach((name, amount) -> tenant.put(name, Amounts.plain(amount)));
        Map<String, Object> models = new LinkedHashMap<>();
        byModel.forEach((model, limits) -> {
            Map<String, Object> each = new LinkedHashMap<>();
            limits.forEach((name, amount) -> each.put(name, Amounts.plain(amount)));
            models.put(model, each);
        });
        if (!models.isEmpty()) {
            tenant.put("model-limits", models);
        }
    }
}
