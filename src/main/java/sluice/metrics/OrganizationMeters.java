package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What OpenAI says of the organisation, beside what the gateway believes. Nothing is shown before it has been told. */
public final class OrganizationMeters {

    /**
     * What the last whole day has cost, in dollars.
     *
     * @param difference of the ledger from OpenAI, as a share of the larger, -1 to 1
     */
    private record Day(double openai, double ledger, double difference) {}

    private final MeterRegistry registry;
    private final Map<String, Integer> tooHigh = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Day> day = new AtomicReference<>();

    OrganizationMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** OpenAI did not answer. */
    public void failed() {
        Counter.builder("sluice.organization.errors").description("Questions about the organisation without an answer")
                .register(registry).increment();
    }

    /** So many limits of an account are configured above what OpenAI grants. */
    public void limits(String account, int above) {
        if (tooHigh.put(account, above) == null) {
            Gauge.builder("sluice.account.limits.too.high", tooHigh, all -> all.getOrDefault(account, 0))
                    .description("Limits of the account that are configured above what OpenAI grants")
                    .tag("account", account).strongReference(true).register(registry);
        }
    }

    /** The last whole day has cost so much, in dollars. */
    public void bill(double openai, double ledger, double difference) {
        if (day.getAndSet(new Day(openai, ledger, difference)) == null) {
            gauge("sluice.bill.usd", "What the last whole day has cost by OpenAI's books", Day::openai);
            gauge("sluice.bill.ledger.usd", "What the same day has cost by the ledger", Day::ledger);
            gauge("sluice.bill.difference.ratio", "Ledger minus bill, as a share of the larger", Day::difference);
        }
    }

    private void gauge(String name, String description, ToDoubleFunction<Day> part) {
        Gauge.builder(name, day, known -> {
            Day last = known.get();
            return last == null ? 0 : part.applyAsDouble(last);
        }).description(description).strongReference(true).register(registry);
    }
}
