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

/**
 * Limits and budgets of a team or a key.
 *
 * @param amounts by our names
 * @param byModel limits of single models, by our names of both
 * @param closed  whether one of them is 0, so that LiteLLM refuses every call
 */
record Terms(Map<String, BigDecimal> amounts, Map<String, Map<String, BigDecimal>> byModel, boolean closed) {
    private static final BigDecimal MOST_DOLLARS = new BigDecimal(1_000_000);
    private static final BigDecimal MOST_CONCURRENT = new BigDecimal(1_000_000);
    private static final BigDecimal MOST = new BigDecimal(1_000_000_000);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(s|m|h|d|w|mo)");
    private static final int LEAST_OF_MONTH = 28;
    private static final int MOST_OF_MONTH = 31;
    private static final List<Words> LIMITS = List.of(new Words("rpm_limit", "rpm"), new Words("tpm_limit", "tpm"),
            new Words("rpd_limit", "rpd"), new Words("tpd_limit", "tpd"),
            new Words("max_parallel_requests", "concurrent"));
    private static final List<Words> BY_MODEL = List.of(new Words("model_rpm_limit", "rpm"),
            new Words("model_tpm_limit", "tpm"), new Words("rpm_limit_per_model", "rpm"),
            new Words("tpm_limit_per_model", "tpm"));

    /** What is set, in LiteLLM's words. */
    static List<String> said(Fields given) {
        List<String> said = new ArrayList<>();
        LIMITS.stream().map(Words::theirs).filter(given::has).forEach(name -> said.add(name + " " + given.text(name)));
        if (given.has("max_budget")) {
            said.add("max_budget of " + budget(given));
        }
        Fields metadata = given.in("metadata").or(given);
        BY_MODEL.stream().map(Words::theirs).filter(metadata::says).forEach(said::add);
        return said;
    }

    /** Reads them; what they cannot say is noted. */
    static Terms of(String whose, Fields listed, ModelNames models, Notes notes) {
        Fields given = listed.or(listed.in("litellm_budget_table"));
        Map<String, BigDecimal> amounts = new LinkedHashMap<>();
        boolean closed = false;
        for (Words words : LIMITS) {
            BigDecimal limit = given.number(words.theirs()).orElse(null);
            closed |= limit != null && limit.signum() <= 0;
            if (limit != null) {
                amounts.put(words.ours(), limit.min(words.ours().equals("concurrent") ? MOST_CONCURRENT : MOST));
            }
        }
        BigDecimal budget = given.number("max_budget").orElse(null);
        if (budget != null) {
            closed |= budget.signum() <= 0;
            String lasts = given.text("budget_duration");
            Optional<String> period = period(lasts);
            if (period.isPresent()) {
                amounts.put(period.get(), budget.min(MOST_DOLLARS));
            } else {
                notes.add(Notes.Kind.TO_DO, "budgets are by day and month, so these have none yet: set usd-per-day or"
                        + " usd-per-month", whose, budget(given));
            }
        }
        return new Terms(amounts, byModel(whose, given, models, notes), closed);
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
        return given.text("max_budget") + " dollars " + (lasts.isEmpty() ? "for good" : "per " + lasts);
    }

    private static Map<String, Map<String, BigDecimal>> byModel(String whose, Fields given, ModelNames models,
            Notes notes) {
        ModelLimits limits = new ModelLimits(whose, models, notes);
        Fields metadata = given.in("metadata").or(given);
        BY_MODEL.forEach(words -> limits.add(words, metadata.in(words.theirs())));
        return limits.byModel();
    }

    /** The smaller of each. */
    Terms and(Terms other) {
        Map<String, BigDecimal> smaller = new LinkedHashMap<>(amounts);
        other.amounts.forEach((name, amount) -> smaller.merge(name, amount, BigDecimal::min));
        Map<String, Map<String, BigDecimal>> models = new LinkedHashMap<>();
        byModel.forEach((model, limits) -> models.put(model, new LinkedHashMap<>(limits)));
        other.byModel.forEach((model, limits) -> limits.forEach((name, amount) -> models
                .computeIfAbsent(model, fresh -> new LinkedHashMap<>()).merge(name, amount, BigDecimal::min)));
        return new Terms(smaller, models, closed || other.closed);
    }

    boolean hasBudget() {
        return amounts.keySet().stream().anyMatch(name -> name.startsWith("usd-"));
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
