package sluice.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.cluster.AccountFleet;
import sluice.cluster.StoreLoss;
import sluice.schedule.Share;
import sluice.testing.RedisProcess;

/** When the upstream reports an account's remaining quota to one replica, all that serve the account learn it. */
@Timeout(60)
class SharedReportsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Share BOT = new Share("bot", 1);

    /** The upstream reports to a replica what remains of 600 a minute. */
    private static void told(AccountFleet fleet, int index, int left) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().set("x-ratelimit-limit-requests", "600")
                .set("x-ratelimit-remaining-requests", Integer.toString(left))
                .set("x-ratelimit-reset-requests", (600 - left) * 100 + "ms");
        LiveAccount account = fleet.capacity(index);
        account.watch().answered(AccountFleet.NEED, account.watch().key(), account.mark(AccountFleet.NEED), 200,
                headers);
    }

    private static int sent(AccountFleet fleet, int index, long nanos) {
        int before = fleet.sent();
        for (int i = 0; i < 20; i++) {
            fleet.ask(index, BOT, again -> false);
        }
        fleet.run(nanos);
        return fleet.sent() - before;
    }

    @Test
    void whatOneIsToldBindsTheOthersToo() {
        try (RedisProcess redis = RedisProcess.start();
                AccountFleet fleet = new AccountFleet(redis.port(), 3, StoreLoss.SHARE,
                        AccountFleet.strict(600, 60))) {
            assertThat(sent(fleet, 1, 30 * SECOND)).isEqualTo(20);
            told(fleet, 0, 0);
            fleet.run(SECOND / 2);
            assertThat(sent(fleet, 1, SECOND / 10)).as("five have come back, and one more").isBetween(4, 6);
            fleet.replace(2);
            assertThat(sent(fleet, 2, SECOND / 10)).as("nor does one that comes later send all").isBetween(0, 9);
            fleet.run(10 * SECOND);
            assertThat(sent(fleet, 2, SECOND / 10)).isEqualTo(20);
        }
    }

    @Test
    void ownReportThatIsYoungerCounts() {
        try (RedisProcess redis = RedisProcess.start();
                AccountFleet fleet = new AccountFleet(redis.port(), 2, StoreLoss.SHARE,
                        AccountFleet.strict(600, 60))) {
            assertThat(sent(fleet, 1, 30 * SECOND)).isEqualTo(20);
            told(fleet, 0, 0);
            fleet.run(SECOND / 2);
            told(fleet, 1, 300);
            assertThat(sent(fleet, 1, SECOND / 10)).isEqualTo(20);
        }
    }
}
