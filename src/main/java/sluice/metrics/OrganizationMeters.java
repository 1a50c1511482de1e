package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What OpenAI reports about the organization, next to what the gateway has. Nothing is shown before it is known. */
public final class OrganizationMeters {

    private final MeterRegistry registry;
    private final Map<String, OwnGauges> limits = new ConcurrentHashMap<>();
    private final OwnGauges bill;

    OrganizationMeters(MeterRegistry registry) {
        this.registry = registry;
        this.bill = new OwnGauges(registry);
    }

    /** OpenAI did not answer. */
    public void failed() {
        Counter.builder("sluice.organization.errors").description("Failed requests to OpenAI's organization API")
                .register(registry).increment();
    }

    /** The number of limits of an account configured above what OpenAI grants. */
    public void limits(String account, int above) {
        limits.computeIfAbsent(account, fresh -> new OwnGauges(registry)).show(List.of(new OwnGauges.Shown(
                "sluice.account.limits.too.high",
                "Limits of the account configured above what OpenAI grants", Tags.of("account", account),
                () -> above)));
    }

    /**
     * The cost of the last whole day, in dollars.
     *
     * @param difference of the ledger from OpenAI, as a share of the larger, -1 to 1
     */
    public void bill(double openai, double ledger, double difference) {
        bill.show(List.of(gauge("sluice.bill.usd", "Cost of the last whole day by OpenAI's bill", openai),
                gauge("sluice.bill.ledger.usd", "Cost of the same day by the ledger", ledger),
                gauge("sluice.bill.difference.ratio", "Ledger minus bill, as a share of the larger", difference)));
    }

    /** Nothing is known of other accounts any more, nor of a bill unless there is one. */
    public void known(Set<String> accounts, boolean hasBill) {
        limits.forEach((account, gauges) -> gauges.showOnlyIf(accounts.contains(account)));
        bill.showOnlyIf(hasBill);
    }

    private static OwnGauges.Shown gauge(String name, String description, double value) {
        return new OwnGauges.Shown(name, description, Tags.empty(), () -> value);
    }
}
