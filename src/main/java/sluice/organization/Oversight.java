package sluice.organization;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.account.AccountEntry;
import sluice.isolation.Shared;
import sluice.price.Cost;
import sluice.quota.Limit;
import sluice.time.Time;
import sluice.upstream.Account;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;

/**
 * Asks OpenAI each hour, with an admin key, what limits it grants the accounts and what the last whole day has cost, and
 * compares both with the file and the ledger. Without an admin key it does nothing.
 */
public final class Oversight {

    /**
     * What it checks.
     *
     * @param adminKey empty if there is none
     * @param way      how the upstream is reached
     * @param accounts those in effect
     * @param ledger   what the calls of a day of UTC at these accounts have cost, in picodollars
     */
    public record View(Supplier<Optional<ApiKey>> adminKey, Supplier<UpstreamClient.Settings> way,
            Supplier<List<AccountEntry>> accounts, BiFunction<LocalDate, List<String>, Future<Long>> ledger) {}

    /** Learns the findings. */
    public interface Listener {

        /** OpenAI grants an account these limits, by model; so many of the file's are above them. */
        void granted(String account, Map<String, List<Limit>> byModel, int tooHigh);

        /** A day's bill is known. */
        void billed(Bill bill);

        /** OpenAI did not answer. */
        void failed();

        /** Forgets other accounts, and a bill that is days old. */
        void known(Set<String> accounts, boolean bill);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Oversight.class);
    private static final long EVERY_MILLIS = Duration.ofHours(1).toMillis();
    /** OpenAI's costs of a day may still grow for some hours after it. */
    private static final Duration LATE = Duration.ofHours(6);
    /** Above it a difference is worth a warning; prices are rounded, and calls of midnight may fall on either day. */
    private static final double NOTABLE = 0.05;
    private static final int MOST_BYTES = 1 << 20;

    private final View view;
    private final Listener listener;
    private final Time time;
    private final Map<String, List<String>> told = new ConcurrentHashMap<>();
    private volatile Optional<LocalDate> compared = Optional.empty();

    public Oversight(View view, Listener listener, Time time) {
        this.view = view;
        this.listener = listener;
        this.time = time;
    }

    /** Checks now and every hour; returns what stops it. */
    public Runnable start(Vertx vertx) {
        Context loop = vertx.getOrCreateContext();
        loop.runOnContext(now -> look(vertx));
        long timer = vertx.setPeriodic(EVERY_MILLIS, due -> loop.runOnContext(now -> look(vertx)));
        return () -> vertx.cancelTimer(timer);
    }

    private void look(Vertx vertx) {
        Optional<ApiKey> key = view.adminKey().get();
        if (key.isEmpty()) {
            listener.known(Set.of(), false);
            return;
        }
        UpstreamClient.Settings way = view.way().get();
        URI base = way.baseUrl();
        List<AccountEntry> accounts = view.accounts().get().stream()
                .filter(entry -> entry.account().baseUrl().equals(base)).toList();
        listener.known(accounts.stream().filter(entry -> entry.account().project().isPresent())
                .map(entry -> entry.account().name()).collect(Collectors.toSet()), billIsFresh());
        Account organization = new Account("openai-admin", base, Account.KeyHeader.AUTHORIZATION, List.of(key.get()),
                Optional.empty(), Optional.empty(), Optional.empty());
        UpstreamClient client = UpstreamClient.open(vertx, way, List.of(organization), MOST_BYTES,
                new UpstreamClient.Places(new Shared("openai-admin"), new Shared("openai-admin")), time);
        AdminApi api = new AdminApi(client.account(organization.name()));
        Future<Void> limits = Future.succeededFuture();
        for (AccountEntry entry : accounts) {
            limits = limits.transform(over -> limits(api, entry));
        }
        limits.transform(over -> bill(api, accounts)).onComplete(over -> client.release());
    }

    private Future<Void> limits(AdminApi api, AccountEntry entry) {
        Optional<String> project = entry.account().project();
        if (project.isEmpty()) {
            return Future.succeededFuture();
        }
        String name = entry.account().name();
        return api.limits(project.get()).onSuccess(granted -> {
            List<String> tooHigh = LimitCheck.tooHigh(entry.limits(), granted);
            if (!tooHigh.equals(told.put(name, tooHigh)) && !tooHigh.isEmpty()) {
                LOG.warn("account {} is configured above what OpenAI grants it: {}", name,
                        String.join("; ", tooHigh));
            }
            listener.granted(name, granted, tooHigh.size());
        }).onFailure(this::failed).mapEmpty();
    }

    private Future<Void> bill(AdminApi api, List<AccountEntry> accounts) {
        if (accounts.isEmpty()) {
            return Future.succeededFuture();
        }
        LocalDate day = lastDay();
        boolean all = accounts.stream().anyMatch(entry -> entry.account().project().isEmpty());
        List<String> projects = all
                ? List.of()
                : accounts.stream().flatMap(entry -> entry.account().project().stream()).distinct().toList();
        List<String> names = accounts.stream().map(entry -> entry.account().name()).toList();
        return api.costs(day, projects)
                .compose(openai -> view.ledger().apply(day, names).compose(
                        ledger -> Future.succeededFuture(new Bill(day, openai, ledger)),
                        unknown -> Future.failedFuture("the ledger cannot say what " + day + " has cost")))
                .onFailure(this::failed).onSuccess(this::compared).mapEmpty();
    }

    /** The last day of which OpenAI has all costs. */
    private LocalDate lastDay() {
        return LocalDate.ofInstant(time.now().minus(LATE), ZoneOffset.UTC).minusDays(1);
    }

    private boolean billIsFresh() {
        return compared.filter(day -> !day.isBefore(lastDay().minusDays(2))).isPresent();
    }

    private void compared(Bill bill) {
        if (!compared.equals(Optional.of(bill.day()))) {
            compared = Optional.of(bill.day());
            String line = String.format(Locale.ROOT,
                    "%s cost $%.2f by OpenAI's bill and $%.2f by the ledger (%+.1f %%)",
                    bill.day(), Cost.dollars(bill.openai()), Cost.dollars(bill.ledger()), 100 * bill.difference());
            if (Math.abs(bill.difference()) > NOTABLE) {
                LOG.warn("{}: look for a model without a price, calls that bypass the gateway, or negotiated prices",
                        line);
            } else {
                LOG.info(line);
            }
        }
        listener.billed(bill);
    }

    private void failed(Throwable failure) {
        LOG.warn("could not read the organization's limits or costs: {}", failure.getMessage());
        listener.failed();
    }
}
