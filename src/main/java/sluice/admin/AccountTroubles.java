package sluice.admin;

import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.account.LiveAccount;
import sluice.admin.Trouble.What;
import sluice.time.Time;
import sluice.upstream.AccountHealth.Cause;
import sluice.upstream.AccountHealth.Outage;

/** What is wrong with the accounts in effect. */
public final class AccountTroubles implements Supplier<Stream<Trouble>> {
    private final Supplier<List<LiveAccount>> accounts;
    private final Time time;

    /** @param accounts in effect */
    public AccountTroubles(Supplier<List<LiveAccount>> accounts, Time time) {
        this.accounts = accounts;
        this.time = time;
    }

    @Override
    public Stream<Trouble> get() {
        return accounts.get().stream().flatMap(account -> Stream.of(
                Stream.ofNullable(account.watch().outage()).filter(outage -> !isOver(outage, account))
                        .map(outage -> whole(account.name(), outage)),
                keys(account), models(account), shortages(account)).flatMap(each -> each));
    }

    /** With other keys it is only that no call has tried them yet. */
    private static boolean isOver(Outage outage, LiveAccount account) {
        return outage.cause() == Cause.KEYS_REJECTED && account.watch().keysInService() > 0;
    }

    private Trouble whole(String account, Outage outage) {
        String text = outage.cause() == null || outage.cause() == Cause.UNREACHABLE
                ? "cannot be reached" + (outage.unreachable() == null ? "" : ": " + outage.unreachable().word())
                : "is out of service: " + outage.cause().sentence();
        return new Trouble(kind(outage.cause()), at(outage.since()), "account " + account + " " + text);
    }

    private static What kind(@Nullable Cause cause) {
        return switch (cause) {
            case KEYS_REJECTED -> What.ACCOUNT_WITHOUT_KEY;
            case OUT_OF_CREDIT -> What.ACCOUNT_OUT_OF_CREDIT;
            case null, default -> What.ACCOUNT_UNREACHABLE;
        };
    }

    /** Where all are rejected, that says it. */
    private Stream<Trouble> keys(LiveAccount account) {
        return account.watch().keysInService() == 0
                ? Stream.empty()
                : account.watch().rejectedKeys().stream().map(key -> new Trouble(What.ACCOUNT_KEY_REJECTED,
                        at(key.since()), "account " + account.name() + ": the upstream rejects key " + key.id()));
    }

    private Stream<Trouble> models(LiveAccount account) {
        return account.watch().failingModels().stream().map(failing -> new Trouble(What.MODEL_FAILING,
                at(failing.since()),
                "account " + account.name() + ": " + failing.served() + " is paused: too many calls fail"));
    }

    private Stream<Trouble> shortages(LiveAccount account) {
        return account.watch().shortages().stream()
                .map(shortage -> new Trouble(What.UPSTREAM_QUOTA_SHORT, at(shortage.since()), shortage.text()));
    }

    private Instant at(long nanos) {
        return time.now().minusNanos(time.nanos() - nanos);
    }
}
