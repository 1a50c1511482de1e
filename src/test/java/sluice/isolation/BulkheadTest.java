package sluice.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.isolation.Holder.Tenant;
import sluice.testing.CapturedLog;

class BulkheadTest {
    private static final Holder A = new Tenant("a");
    private static final Holder B = new Tenant("b");

    private static Holder holder(int number) {
        return new Tenant("tenant-" + number);
    }

    /** Takes units until no more are given. */
    private static long fill(Bulkhead bulkhead, Holder holder) {
        while (bulkhead.take(holder, 1).given()) {
            assertThat(bulkhead.used()).isLessThanOrEqualTo(bulkhead.total());
        }
        return bulkhead.held(holder);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0, 0", "2, 1, 1, 0", "3, 1, 1, 1", "4, 2, 1, 1", "100, 50, 25, 12", "20000, 10000, 5000, 2500"})
    void oneAfterTheOtherEachGetsHalfOfWhatIsFree(long total, long first, long second, long third) {
        Bulkhead bulkhead = Bulkhead.of("things", total);
        assertThat(List.of(fill(bulkhead, A), fill(bulkhead, B), fill(bulkhead, holder(3))))
                .containsExactly(first, second, third);
    }

    @ParameterizedTest
    @CsvSource({"1, 500", "2, 333", "3, 250", "9, 100"})
    void thoseWhoAskInTurnsGetEqualParts(int holders, long each) {
        Bulkhead bulkhead = Bulkhead.of("things", 1000);
        for (int turn = 0; turn < 1000; turn++) {
            for (int i = 0; i < holders; i++) {
                bulkhead.take(holder(i), 1);
            }
        }
        for (int i = 0; i < holders; i++) {
            assertThat(bulkhead.held(holder(i))).isBetween(each - 1, each + 1);
        }
    }

    /** Amounts below 0 are given back, as far as they are held. */
    @Property(tries = 2000)
    void noHistoryBreaksABound(@ForAll @LongRange(min = 1, max = 500) long total,
            @ForAll @Size(max = 200) List<@IntRange(max = 7) Integer> who,
            @ForAll @Size(min = 200, max = 200) List<@LongRange(min = -60, max = 60) Long> amounts) {
        Bulkhead bulkhead = Bulkhead.of("things", total);
        Map<Holder, Long> model = new HashMap<>();
        for (int i = 0; i < who.size(); i++) {
            Holder holder = holder(who.get(i));
            long mine = model.getOrDefault(holder, 0L);
            long amount = Math.max(-mine, amounts.get(i));
            if (amount < 0) {
                bulkhead.giveBack(holder, -amount);
                model.put(holder, mine + amount);
            } else {
                long used = bulkhead.used();
                boolean given = bulkhead.take(holder, amount).given();
                boolean expected = amount == 0 || mine + amount <= total - used - amount
                        || (mine == 0 && amount == 1 && used < total);
                assertThat(given).isEqualTo(expected);
                model.put(holder, given ? mine + amount : mine);
            }
            assertThat(bulkhead.used()).isEqualTo(model.values().stream().mapToLong(held -> held).sum())
                    .isLessThanOrEqualTo(total);
            assertThat(bulkhead.holders()).isEqualTo((int) model.values().stream().filter(held -> held > 0).count());
        }
        model.forEach(bulkhead::giveBack);
        assertThat(bulkhead.used()).isZero();
        assertThat(bulkhead.holders()).isZero();
    }

    @Property
    void theNextOneFindsRoomWhileNoMoreThanSoManyHold(@ForAll @IntRange(min = 1, max = 1000) int total,
            @ForAll @IntRange(max = 30) int greedy) {
        Bulkhead bulkhead = Bulkhead.of("things", total);
        // Half of what is free is left each time: more than log2(total) greedy ones are needed to use it all up.
        int most = Math.min(greedy, 31 - Integer.numberOfLeadingZeros(total));
        for (int i = 0; i < most; i++) {
            fill(bulkhead, holder(i));
        }
        assertThat(bulkhead.take(holder(most), 1)).isEqualTo(Room.GIVEN);
    }

    @Test
    void whoIsRefusedLearnsWhy() {
        Bulkhead bulkhead = Bulkhead.of("things", 3);
        assertThat(List.of(bulkhead.take(A, 1), bulkhead.take(A, 1), bulkhead.take(B, 1), bulkhead.take(holder(3), 1),
                bulkhead.take(holder(4), 1))).containsExactly(Room.GIVEN, Room.OWN_SHARE, Room.GIVEN, Room.GIVEN,
                        Room.NONE);
        assertThat(bulkhead.shared().refusals()).isEqualTo(2);
    }

    @Test
    void whatIsMovedCountsForTheOther() {
        Bulkhead bulkhead = Bulkhead.of("things", 4);
        Part first = bulkhead.part(A);
        Part second = bulkhead.part(A);
        assertThat(List.of(first.take(1), second.take(1))).containsOnly(Room.GIVEN);
        assertThat(first.moveTo(B)).isEqualTo(Room.GIVEN);
        assertThat(List.of(bulkhead.held(A), bulkhead.held(B), bulkhead.used())).containsExactly(1L, 1L, 2L);
        bulkhead.insist(B, 1);
        assertThat(second.moveTo(B)).isEqualTo(Room.OWN_SHARE);
        assertThat(second.holder()).isEqualTo(A);
        bulkhead.giveBack(B, 1);
        first.close();
        first.close();
        second.close();
        assertThat(List.of(bulkhead.used(), (long) bulkhead.holders())).containsOnly(0L);
    }

    @Test
    void boundIsToldOnceUntilThereIsRoomAgain() {
        try (CapturedLog log = CapturedLog.open()) {
            Bulkhead bulkhead = Bulkhead.of("brooms", 8);
            for (int turn = 0; turn < 3; turn++) {
                fill(bulkhead, A);
                bulkhead.giveBack(A, 1);
            }
            assertThat(told(log)).hasSize(1).first().asString()
                    .contains("tenant a holds 4 of 8 and is refused more: the rest is reserved for others");
            bulkhead.giveBack(A, bulkhead.held(A));
            fill(bulkhead, B);
            assertThat(told(log)).hasSize(2);
        }
    }

    private static List<String> told(CapturedLog log) {
        return log.lines().stream().filter(line -> line.contains("brooms")).toList();
    }

    @Test
    void holdersOfNothingAreForgotten() throws ReflectiveOperationException {
        Bulkhead bulkhead = Bulkhead.of("things", 10);
        for (int i = 0; i < 100_000; i++) {
            bulkhead.take(holder(i), 1);
            bulkhead.giveBack(holder(i), 1);
        }
        var remembered = Bulkhead.class.getDeclaredField("byHolder");
        remembered.setAccessible(true);
        assertThat((Map<?, ?>) remembered.get(bulkhead)).hasSizeLessThan(300);
    }

    @Test
    void manyThreadsExceedNothingAndLeaveNothing() throws InterruptedException {
        Bulkhead bulkhead = Bulkhead.of("things", 64);
        CountDownLatch begin = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        for (int number = 0; number < 8; number++) {
            int own = number;
            threads.add(Thread.ofPlatform().start(() -> {
                long most = 0;
                awaitQuietly(begin);
                for (int i = 0; i < 50_000; i++) {
                    // Some share a holder, others come and go.
                    Part part = bulkhead.part(holder(own % 2 == 0 ? 0 : own * 50_000 + i));
                    part.take(1 + i % 7);
                    most = Math.max(most, bulkhead.used());
                    part.close();
                }
                seen.add(most);
            }));
        }
        begin.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(seen).allSatisfy(most -> assertThat(most).isLessThanOrEqualTo(64));
        assertThat(List.of(bulkhead.used(), (long) bulkhead.holders())).containsOnly(0L);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.3, 10.1.2.3", "2001:db8:0:7::1, 2001:db8:0:7:ffff:1:2:3", "::ffff:10.1.2.3, 10.1.2.3"})
    void peersOfOneNetworkAreOne(String one, String other) throws UnknownHostException {
        assertThat(Holder.at(InetAddress.getByName(one))).isEqualTo(Holder.at(InetAddress.getByName(other)))
                .isNotEqualTo(Holder.at(InetAddress.getByName("2001:db8:0:8::1")));
    }
}
