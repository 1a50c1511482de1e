package sluice.owners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestLedgers;

/** Owners in either database: the first to make an object has it, at every replica, until it is deleted or assigned. */
@Timeout(60)
class OwnersTest {
    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    private final Vertx vertx = Vertx.vertx();
    private final ManualTime clock = new ManualTime();
    private final List<Owners> started = new ArrayList<>();

    private Owners start(LedgerUrl url) {
        Owners owners = new Owners(vertx, new Ledger(url, () -> {}), clock.time());
        owners.start();
        started.add(owners);
        return owners;
    }

    @AfterEach
    void stop() {
        started.forEach(owners -> owners.stop().await());
        vertx.close().await();
    }

    private static void written(Owners owners) {
        Await.until("owners that wait", owners::waiting, 0);
    }

    private static Map<String, String> of(Owners owners, String... ids) {
        return owners.of("main", List.of(ids)).await();
    }

    @ParameterizedTest
    @EnumSource
    void firstOwnerCountsHereAndAtOtherReplicas(TestLedgers.Kind kind) {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        Owners one = start(url);
        Owners other = start(url);
        one.made("main", "anna", "files", "file-1");
        assertThat(of(one, "file-1", "file-2")).as("before it is written").isEqualTo(Map.of("file-1", "anna"));
        written(one);
        other.made("main", "bert", "files", "file-1");
        other.made("else", "bert", "files", "file-1");
        written(other);
        assertThat(of(other, "file-1")).isEqualTo(Map.of("file-1", "anna"));
        assertThat(other.of("else", List.of("file-1")).await()).isEqualTo(Map.of("file-1", "bert"));
        assertThat(other.ownsAny("main", "anna", "files").await()).isTrue();
        assertThat(other.ownsAny("main", "bert", "files").await()).isFalse();

        one.gone("main", "file-1");
        written(one);
        clock.advance(Duration.ofMinutes(1));
        assertThat(of(other, "file-1")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void assignedObjectsChangeHandsAndAreListed(TestLedgers.Kind kind) throws IOException {
        Owners owners = start(LEDGERS.fresh(kind).url());
        List<StoredObject> objects = IntStream.range(0, 1200)
                .mapToObj(i -> new StoredObject("main", "file-%04d".formatted(i), "anna", "files", 5)).toList();
        owners.table().assign(objects);
        owners.table().assign(List.of(new StoredObject("main", "file-0007", "bert", "files", 6)));
        assertThat(owners.of("main", objects.stream().map(StoredObject::id).toList()).await()).hasSize(1200)
                .containsEntry("file-0007", "bert").containsEntry("file-0008", "anna");
        List<StoredObject> page = owners.table().read(new OwnerTable.Query(Optional.of("anna"), Optional.of("main"),
                Optional.of("files"), Optional.empty(), Optional.of(new OwnerTable.Cursor("main", "file-0005")), 3));
        assertThat(page).extracting(StoredObject::id).containsExactly("file-0006", "file-0008", "file-0009");
    }

    @ParameterizedTest
    @EnumSource
    void answersAreForgottenAfterAMonthAndNothingElse(TestLedgers.Kind kind) throws IOException {
        Owners owners = start(LEDGERS.fresh(kind).url());
        owners.made("main", "anna", "responses", "resp_1");
        owners.made("main", "anna", "files", "file-1");
        written(owners);
        assertThat(owners.table().forget(clock.time().now().toEpochMilli(), 10)).isZero();
        assertThat(owners.table().forget(clock.time().now().toEpochMilli() + 1, 10)).isEqualTo(1);
        assertThat(of(owners, "resp_1", "file-1")).containsOnlyKeys("file-1");
    }

    @Test
    void whoseItIsCannotBeToldWhileTheLedgerIsAway() {
        Owners owners = start(new LedgerUrl.Sqlite(Path.of("src"))); // a folder
        owners.made("main", "anna", "files", "file-1");
        assertThat(of(owners, "file-1")).isEqualTo(Map.of("file-1", "anna"));
        assertThat(owners.waiting()).isEqualTo(1);
        assertThatThrownBy(() -> of(owners, "file-2")).isInstanceOf(OwnersAway.class);
    }
}
