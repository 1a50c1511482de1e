package sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.CapturedLog;
import sluice.testing.TestLedgers;

/** An outage is told once when it begins and once when it ends, however often somebody tries meanwhile. */
@Timeout(60)
class LedgerStandingTest {
    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    private final List<String> news = new ArrayList<>();
    private int failures;

    private final LedgerObserver observer = new LedgerObserver() {
        @Override
        public void failed() {
            failures++;
        }

        @Override
        public void away(String why) {
            news.add(why);
        }

        @Override
        public void back() {
            news.add("back");
        }
    };

    private static int broken(Ledger.Transaction transaction) throws SQLException {
        throw new SQLException("disk I/O error");
    }

    /** As on a full disk, which can still be read: an alert must not come and go with each report. */
    @Test
    void aReadProvesNothingAboutWrites() throws IOException {
        try (CapturedLog log = CapturedLog.open();
                Ledger ledger = new Ledger(LEDGERS.fresh(TestLedgers.Kind.SQLITE).url(), observer)) {
            ledger.open();
            assertThat(ledger.works()).isTrue();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> ledger.write(LedgerStandingTest::broken)).isInstanceOf(IOException.class);
                assertThat(ledger.<Integer>read(0, transaction -> 1)).isOne();
                assertThat(ledger.works()).isFalse();
            }
            assertThat(failures).isEqualTo(3);
            assertThat(news).singleElement().asString().contains("cannot be written");
            assertThat(ledger.<Integer>write(transaction -> 1)).isOne();
            assertThat(ledger.works()).isTrue();
            assertThat(news).hasSize(2).last().isEqualTo("back");
            assertThat(log.lines()).filteredOn(line -> line.endsWith("is back")).hasSize(1);
        }
    }

    @Test
    void aReadEndsWhatAReadBegan() throws IOException {
        try (Ledger ledger = new Ledger(LEDGERS.fresh(TestLedgers.Kind.SQLITE).url(), observer)) {
            ledger.open();
            assertThatThrownBy(() -> ledger.read(0, LedgerStandingTest::broken)).isInstanceOf(IOException.class);
            assertThat(ledger.works()).isFalse();
            assertThat(ledger.<Integer>read(0, transaction -> 1)).isOne();
            assertThat(ledger.works()).isTrue();
            assertThat(news).hasSize(2);
        }
    }
}
