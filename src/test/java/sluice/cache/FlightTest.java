package sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.openai.Endpoint;
import sluice.openai.Served;

@Timeout(60)
class FlightTest {
    private static final Flight.Patience LONG = new Flight.Patience(false, 1_000);
    private static final Flight.Head HEAD = new Flight.Head(List.of(), OptionalLong.empty(), true);
    private static final PromptKey KEY = PromptKey.of("bot", "", "/x", null, "{}".getBytes(StandardCharsets.UTF_8),
            null);

    private final Bulkhead memory = Bulkhead.of("recordings", 4 * 1024 * 1024);
    private final Flights flights = new Flights(true);
    private final Queue<Runnable> loop = new ArrayDeque<>();

    private Leader lead() {
        return ((Flights.Boarding.Leads) flights.board(KEY, LONG, loop::add)).leader();
    }

    private Follower follow() {
        return ((Flights.Boarding.Follows) flights.board(KEY, LONG, loop::add)).follower();
    }

    private Leader begun(int mostKept) {
        Leader leader = lead();
        leader.onFollowers(loop::add, () -> {});
        leader.begin(HEAD, memory.part(new Holder.Tenant("bot")), mostKept);
        return leader;
    }

    private void turn() {
        for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
            task.run();
        }
    }

    private static String all(Follower follower) {
        StringBuilder text = new StringBuilder();
        for (Buffer piece = follower.read(3); piece.length() > 0; piece = follower.read(3)) {
            text.append(piece);
        }
        return text.toString();
    }

    @Test
    void wholeAnswerIsKeptUntilItsCallIsOver() {
        Leader leader = begun(8);
        leader.add(Buffer.buffer("five "));
        leader.add(Buffer.buffer("six"));
        assertThat(leader.whole()).as("not over").isEmpty();
        leader.complete(Served.UNTOLD);
        assertThat(leader.whole().map(bytes -> new String(bytes, StandardCharsets.UTF_8))).contains("five six");
        assertThat(memory.used()).isEqualTo(8);
        leader.close();
        assertThat(memory.used()).isZero();
    }

    @Test
    void answerThatIsTooLargeIsForgottenAtOnceIfNobodyFollows() {
        Leader leader = begun(8);
        leader.add(Buffer.buffer("five "));
        leader.add(Buffer.buffer("more"));
        assertThat(memory.used()).isZero();
        leader.complete(Served.UNTOLD);
        assertThat(leader.whole()).isEmpty();
        assertThat(flights.board(KEY, LONG, loop::add)).isInstanceOf(Flights.Boarding.Leads.class);
    }

    @Test
    void answerThatIsTooLargeGoesOnForThoseWhoFollow() {
        Leader leader = begun(8);
        Follower follower = follow();
        leader.add(Buffer.buffer("five "));
        leader.add(Buffer.buffer("more "));
        assertThat(all(follower)).isEqualTo("five more ");
        leader.add(Buffer.buffer("x"));
        assertThat(memory.used()).as("what was read is not kept").isEqualTo(1);
        leader.complete(Served.UNTOLD);
        assertThat(follower.end()).isInstanceOf(End.NotYet.class);
        assertThat(all(follower)).isEqualTo("x");
        assertThat(follower.end()).isInstanceOf(End.Whole.class);
        leader.close();
        assertThat(memory.used()).isEqualTo(1);
        follower.leave();
        turn();
        assertThat(memory.used()).isZero();
    }

    @Test
    void leaderLearnsWhenAFollowerHasCaughtUp() {
        Leader leader = begun(1_000_000);
        List<Boolean> awaited = new ArrayList<>();
        Follower follower = follow();
        turn();
        leader.onFollowers(() -> awaited.add(leader.isAwaited()));
        leader.add(Buffer.buffer(new byte[700_000]));
        follower.read(300_000);
        turn();
        assertThat(awaited).as("nobody has asked").isEmpty();
        assertThat(leader.isAwaited()).isFalse();
        follower.read(100_000);
        turn();
        assertThat(awaited).isEmpty();
        follower.read(100_000);
        turn();
        assertThat(awaited).containsExactly(true);
        follower.leave();
        turn();
        assertThat(awaited).as("the last one has left").containsExactly(true, false);
        leader.close();
    }

    @Test
    void leaderWaitsForNoFollowerThatHasLeft() {
        Leader leader = begun(1_000_000);
        Follower leaving = follow();
        Follower staying = follow();
        turn();
        List<Boolean> chased = new ArrayList<>();
        leader.onFollowers(() -> chased.add(leader.isChased()));
        leader.add(Buffer.buffer(new byte[700_000]));
        staying.read(700_000);
        assertThat(leader.isChased()).isTrue();
        turn();
        assertThat(chased).isEmpty();
        leaving.leave();
        turn();
        assertThat(chased).as("nobody else would tell it to go on").containsExactly(false);
        staying.leave();
        turn();
        leader.close();
    }

    @Test
    void followerTooFarBehindIsLeftBehind() {
        Leader leader = begun(1);
        Follower slow = follow();
        leader.add(Buffer.buffer(new byte[2]));
        assertThat(slow.read(1).length()).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            leader.add(Buffer.buffer(new byte[100_000]));
        }
        assertThat(slow.read(1).length()).isZero();
        assertThat(slow.end()).isInstanceOf(End.LeftBehind.class);
        assertThat(memory.used()).isZero();
        assertThat(flights.followers()).isZero();
        leader.close();
    }

    @Test
    void withoutRoomNobodyCanFollow() {
        Leader leader = begun(8 * 1024 * 1024);
        Follower follower = follow();
        leader.add(Buffer.buffer(new byte[3 * 1024 * 1024]));
        assertThat(follower.turn()).as("a tenant alone may have half").isInstanceOf(Turn.GoAlone.class);
        assertThat(memory.used()).isZero();
        leader.close();
    }

    @Test
    void oneFollowerTakesThePlaceOfALeaderThatFails() {
        Leader leader = lead();
        Follower first = follow();
        Follower second = follow();
        assertThat(first.turn()).isInstanceOf(Turn.Wait.class);
        leader.close();
        Leader next = ((Turn.Lead) first.turn()).leader();
        assertThat(second.turn()).isInstanceOf(Turn.Wait.class);
        next.begin(HEAD, memory.part(new Holder.Tenant("bot")), 8);
        assertThat(second.turn()).as("not a byte has come").isInstanceOf(Turn.Wait.class);
        next.cut(Buffer.buffer());
        assertThat(second.turn()).isInstanceOf(Turn.GoAlone.class);
        first.leave();
        second.leave();
        next.close();
        assertThat(flights.followers()).isZero();
        assertThat(lead()).isNotNull();
    }

    @Test
    void whoIsToLeadButHasLeftPassesItOn() {
        Leader leader = lead();
        Follower first = follow();
        Follower second = follow();
        leader.close();
        first.leave();
        assertThat(second.turn()).isInstanceOf(Turn.Lead.class);
        ((Turn.Lead) second.turn()).leader().close();
        assertThat(lead()).isNotNull();
    }

    @Test
    void leaderLearnsOfItsFirstAndLastFollower() {
        Leader leader = lead();
        List<Boolean> seen = new ArrayList<>();
        leader.onFollowers(loop::add, () -> seen.add(leader.isFollowed()));
        Follower first = follow();
        Follower second = follow();
        turn();
        first.leave();
        turn();
        second.leave();
        turn();
        assertThat(seen).containsExactly(true, false);
        leader.close();
    }

    /** Readers on other threads, at any speed and for any size: each gets every byte in order, or learns that it did not. */
    @RepeatedTest(20)
    void everyByteReachesEveryFollowerOrItsEndIsACut(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        boolean cut = random.nextInt(4) == 0;
        byte[] answer = new byte[random.nextInt(3_000_000)];
        random.nextBytes(answer);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Leader leader = lead();
            leader.onFollowers(Runnable::run, () -> {});
            leader.begin(HEAD, memory.part(new Holder.Tenant("bot")), 1 + random.nextInt(2_000_000));
            List<Future<Boolean>> right = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Follower follower = ((Flights.Boarding.Follows) flights.board(KEY, LONG, Runnable::run))
                        .follower();
                int most = 1 + random.nextInt(100_000);
                right.add(threads.submit(() -> reads(follower, most, answer, cut)));
            }
            for (int at = 0; at < answer.length;) {
                int piece = Math.min(answer.length - at, 1 + random.nextInt(20_000));
                leader.add(Buffer.buffer().appendBytes(answer, at, piece));
                at += piece;
            }
            if (cut) {
                leader.cut(Buffer.buffer());
            } else {
                leader.complete(Served.UNTOLD);
            }
            for (Future<Boolean> each : right) {
                assertThat(each.get()).isTrue();
            }
            leader.close();
        }
        assertThat(memory.used()).isZero();
        assertThat(flights.followers()).isZero();
    }

    private static boolean reads(Follower follower, int most, byte[] answer, boolean cut) {
        int at = 0;
        boolean same = true;
        while (true) {
            Buffer piece = follower.read(most);
            for (int i = 0; i < piece.length(); i++) {
                same &= piece.getByte(i) == answer[at + i];
            }
            at += piece.length();
            if (piece.length() == 0) {
                switch (follower.end()) {
                    case End.NotYet() -> Thread.onSpinWait();
                    case End.Whole() -> {
                        follower.leave();
                        return same && !cut && at == answer.length;
                    }
                    case End.Cut _,End.LeftBehind _ -> {
                        follower.leave();
                        return same && at <= answer.length;
                    }
                }
            }
        }
    }

    private static Repeat repeat(String name, String asks) {
        return Repeat.of("bot", name, "/x", null, asks.getBytes(StandardCharsets.UTF_8), null);
    }

    /** Remembers what became of a promise. */
    private static final class Promised implements Claim {
        private final List<String> fate = new ArrayList<>();

        @Override
        public void keep(WholeAnswer answer) {
            fate.add("kept " + new String(answer.body(), StandardCharsets.UTF_8));
        }

        @Override
        public void drop() {
            fate.add("dropped");
        }
    }

    private Leader named(Repeat repeat) {
        return ((Flights.Boarding.Leads) flights.board(repeat, LONG, loop::add)).leader();
    }

    private static WholeAnswer answer(String body) {
        return new WholeAnswer(Endpoint.EMBEDDINGS, false,
                new Retention(new Retention.Source("t", "m", ""), Duration.ofMinutes(1), 0), List.of(),
                body.getBytes(StandardCharsets.UTF_8),
                Served.UNTOLD);
    }

    @Test
    void repeatFollowsHoweverLittleItMayWaitAndAnotherRequestDoesNot() {
        Leader leader = named(repeat("k", "a"));
        Flight.Patience none = new Flight.Patience(false, 0);
        assertThat(flights.board(repeat("k", "a"), none, loop::add)).isInstanceOf(Flights.Boarding.Follows.class);
        assertThat(flights.board(repeat("k", "b"), LONG, loop::add)).isInstanceOf(Flights.Boarding.Reused.class);
        assertThat(flights.board(repeat("l", "b"), LONG, loop::add)).isInstanceOf(Flights.Boarding.Leads.class);
        leader.close();
    }

    @Test
    void nameIsFreeWhenTheCallIsOver() {
        Leader leader = named(repeat("k", "a"));
        assertThat(leader.mayBeRepeated()).isTrue();
        leader.close();
        assertThat(leader.mayBeRepeated()).isFalse();
        assertThat(flights.board(repeat("k", "b"), LONG, loop::add)).isInstanceOf(Flights.Boarding.Leads.class);
    }

    @Test
    void nameIsTakenAsLongAsAnAnswerArrivesThatIsTooLargeToShare() {
        Leader leader = named(repeat("k", "a"));
        leader.begin(HEAD, memory.part(new Holder.Tenant("bot")), 3);
        leader.add(Buffer.buffer("four"));
        assertThat(leader.mayBeRepeated()).isFalse();
        assertThat(flights.board(repeat("k", "a"), LONG, loop::add)).isInstanceOf(Flights.Boarding.TooLate.class);
        leader.close();
        assertThat(flights.board(repeat("k", "a"), LONG, loop::add)).isInstanceOf(Flights.Boarding.Leads.class);
    }

    @Test
    void namesAndPromisesMoveToTheIdenticalCallInFlight() {
        Leader leader = lead();
        Leader own = named(repeat("k", "a"));
        Promised promised = new Promised();
        own.promise(promised);
        Follower early = ((Flights.Boarding.Follows) flights.board(repeat("k", "a"), LONG, loop::add))
                .follower();
        assertThat(flights.board(KEY, own, LONG, loop::add)).isInstanceOf(Flights.Boarding.Follows.class);
        assertThat(early.turn()).as("it looks again").isInstanceOf(Turn.GoAlone.class);
        assertThat(leader.mayBeRepeated()).isTrue();
        assertThat(flights.board(repeat("k", "a"), LONG, loop::add)).isInstanceOf(Flights.Boarding.Follows.class);
        assertThat(flights.board(repeat("k", "b"), LONG, loop::add)).isInstanceOf(Flights.Boarding.Reused.class);
        own.close();
        assertThat(promised.fate).isEmpty();
        leader.begin(HEAD, memory.part(new Holder.Tenant("bot")), 99);
        leader.add(Buffer.buffer("x"));
        leader.complete(Served.UNTOLD);
        leader.deliver(answer("x"));
        leader.close();
        assertThat(promised.fate).containsExactly("kept x");
        assertThat(flights.board(repeat("k", "b"), LONG, loop::add)).isInstanceOf(Flights.Boarding.Leads.class);
    }

    @Test
    void promiseIsDroppedOnceWhenThereWillBeNoAnswer() {
        Leader leader = named(repeat("k", "a"));
        Promised before = new Promised();
        Promised after = new Promised();
        leader.promise(before);
        leader.fail();
        leader.close();
        leader.promise(after);
        assertThat(before.fate).containsExactly("dropped");
        assertThat(after.fate).containsExactly("dropped");
    }

    @Test
    void promisesOutliveALeaderWhosePlaceAnotherTakes() {
        Leader leader = named(repeat("k", "a"));
        Promised promised = new Promised();
        leader.promise(promised);
        Follower follower = ((Flights.Boarding.Follows) flights.board(repeat("k", "a"), LONG, loop::add))
                .follower();
        leader.close();
        assertThat(promised.fate).isEmpty();
        Leader second = ((Turn.Lead) follower.turn()).leader();
        assertThat(second.mayBeRepeated()).isTrue();
        second.close();
        assertThat(promised.fate).containsExactly("dropped");
    }

    @Test
    void answerFoundElsewhereGoesToThoseWhoFollow() {
        Leader leader = lead();
        Follower follower = follow();
        leader.found(answer("found").answer(), memory.part(new Holder.Tenant("bot")));
        assertThat(follower.turn()).isInstanceOf(Turn.Read.class);
        assertThat(all(follower)).isEqualTo("found");
        assertThat(follower.end()).isInstanceOf(End.Whole.class);
        follower.leave();
        turn();
        assertThat(memory.used()).isZero();
        assertThat(flights.board(KEY, LONG, loop::add)).isInstanceOf(Flights.Boarding.Leads.class);
    }
}
