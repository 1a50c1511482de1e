package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.testing.ManualTime;
import sluice.testing.RedisProcess;

/** What replicas ask one another, on a real server by a clock that jumps. */
class InquiriesTest {
    private final RedisProcess redis = RedisProcess.start();
    private final ManualTime time = new ManualTime();
    private final VirtualStore store = new VirtualStore(redis.port(), time);
    private final List<Runnable> due = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Inquiries> inquiries = new ArrayList<>();

    @BeforeEach
    void join() {
        for (int i = 0; i < 3; i++) {
            Replica replica = new Replica(Fleet.settings(StoreLoss.SHARE, 3));
            replicas.add(replica);
            inquiries.add(new Inquiries(store, replica, (nanos, task) -> due.add(task), time.time()));
        }
        beat(replicas);
    }

    @AfterEach
    void close() {
        store.close();
        redis.close();
    }

    private void beat(List<Replica> some) {
        some.forEach(replica -> replica.beat(store::run));
    }

    private void pass(Duration span) {
        time.advance(span);
        List.copyOf(due).forEach(task -> {
            due.remove(task);
            task.run();
        });
    }

    @Test
    void everyReplicaAnswersOnce() {
        for (int i = 0; i < 3; i++) {
            int number = i;
            inquiries.get(i).answer(question -> Future.succeededFuture(question + " " + number));
        }
        Future<List<Inquiries.Told>> told = inquiries.getFirst().ask("who?");
        beat(replicas);
        long messages = store.messages();
        beat(replicas);
        assertThat(store.messages()).as("beats alone").isEqualTo(messages + 3);
        pass(Duration.ofMillis(100));
        assertThat(told.result()).extracting(Inquiries.Told::replica)
                .containsExactlyElementsOf(replicas.stream().map(Replica::id).sorted().toList());
        assertThat(told.result()).extracting(each -> each.answer().orElse("")).containsExactlyInAnyOrder("who? 0",
                "who? 1", "who? 2");
    }

    @Test
    void whoIsSilentIsNamedAfterASecond() {
        inquiries.get(0).answer(question -> Future.succeededFuture("here"));
        inquiries.get(1).answer(question -> Future.failedFuture("not now"));
        Future<List<Inquiries.Told>> told = inquiries.getFirst().ask("who?");
        for (int i = 0; i < 10; i++) {
            assertThat(told.isComplete()).isFalse();
            beat(replicas);
            pass(Duration.ofMillis(100));
        }
        assertThat(told.result()).filteredOn(each -> each.answer().isPresent()).singleElement()
                .isEqualTo(new Inquiries.Told(replicas.getFirst().id(), Optional.of("here")));
        assertThat(told.result()).hasSize(3);
    }

    @Test
    void tooManyQuestionsAtOnceAreRefused() {
        for (int i = 0; i < 16; i++) {
            assertThat(inquiries.get(i % 3).ask("who?").failed()).isFalse();
        }
        assertThat(inquiries.getFirst().ask("who?").cause()).isInstanceOf(Inquiries.Busy.class);
        time.advance(Duration.ofSeconds(2));
        assertThat(inquiries.getFirst().ask("who?").failed()).isFalse();
    }

    @Test
    void withoutTheStoreNobodyIsAsked() {
        store.away(true);
        assertThat(inquiries.getFirst().ask("who?").failed()).isTrue();
    }

    @Test
    void aClockThatIsPutBackHidesNoQuestion() {
        inquiries.get(0).answer(question -> Future.succeededFuture(question));
        inquiries.getFirst().ask("one");
        beat(replicas);
        store.ahead(Duration.ofHours(-1));
        Future<List<Inquiries.Told>> told = inquiries.getFirst().ask("two");
        beat(replicas.subList(0, 1));
        pass(Duration.ofSeconds(1));
        assertThat(told.result()).filteredOn(each -> each.answer().isPresent()).singleElement()
                .extracting(each -> each.answer().orElseThrow()).isEqualTo("two");
    }
}
