package sluice.cli;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.account.AccountBook;
import sluice.account.AccountEntry;
import sluice.config.GatewayConfig;
import sluice.metrics.GatewayMeters;
import sluice.organization.Bill;
import sluice.organization.Oversight;
import sluice.price.Cost;
import sluice.quota.Limit;

/**
 * Shows in the meters what OpenAI says of the organization, and puts the limits that it grants into effect where an
 * account follows them.
 *
 * @param inEffect the configuration
 * @param again    applies it once more
 */
record Findings(GatewayMeters meters, AccountBook accounts, Supplier<GatewayConfig> inEffect,
        Supplier<Future<Void>> again) implements Oversight.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Findings.class);

    @Override
    public void granted(String account, Map<String, List<Limit>> byModel, int tooHigh) {
        meters.organization().limits(account, tooHigh);
        if (accounts.granted(account, byModel) && follows(account)) {
            again.get().onFailure(failure -> {
                LOG.error("failed to apply the limits OpenAI grants account {}", account, failure);
                accounts.granted(account, Map.of());
            });
        }
    }

    private boolean follows(String account) {
        return inEffect.get().accounts().stream().anyMatch(entry -> entry.account().name().equals(account)
                && entry.limitsFrom() == AccountEntry.LimitsFrom.UPSTREAM);
    }

    @Override
    public void billed(Bill bill) {
        meters.organization().bill(Cost.dollars(bill.openai()).doubleValue(),
                Cost.dollars(bill.ledger()).doubleValue(), bill.difference());
    }

    @Override
    public void failed() {
        meters.organization().failed();
    }

    @Override
    public void known(Set<String> names, boolean bill) {
        meters.organization().known(names, bill);
    }
}
