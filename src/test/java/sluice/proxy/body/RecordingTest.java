package sluice.proxy.body;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;

class RecordingTest {
    private final Bulkhead memory = Bulkhead.of("recordings", 20);

    private Recording recording(int maxBytes) {
        return new Recording(maxBytes, memory.part(new Holder.Tenant("bot")));
    }

    @Test
    void allPiecesAreKept() {
        Recording recording = recording(8);
        recording.accept(Buffer.buffer("five "));
        recording.accept(Buffer.buffer("six"));
        assertThat(recording.whole()).contains(Buffer.buffer("five six"));
        assertThat(memory.used()).isEqualTo(8);
        recording.forget();
        assertThat(memory.used()).isZero();
    }

    @Test
    void whatIsLargerThanAnEntryIsForgottenAtOnce() {
        Recording recording = recording(8);
        recording.accept(Buffer.buffer("five "));
        recording.accept(Buffer.buffer("more"));
        assertThat(recording.whole()).isEmpty();
        assertThat(memory.used()).isZero();
    }

    @Test
    void whatFindsNoRoomBesideOthersIsForgotten() {
        Recording first = recording(10);
        first.accept(Buffer.buffer("sixsix"));
        Recording second = recording(10);
        second.accept(Buffer.buffer("four"));
        second.accept(Buffer.buffer("1"));
        assertThat(second.whole()).isEmpty();
        assertThat(first.whole()).isPresent();
        assertThat(memory.used()).isEqualTo(6);
        first.forget();
        Recording third = recording(10);
        third.accept(Buffer.buffer("ten bytes!"));
        assertThat(third.whole()).isPresent();
    }

    @Test
    void nothingIsRecordedWhereNothingMayBeKept() {
        Recording recording = recording(0);
        recording.accept(Buffer.buffer("x"));
        assertThat(recording.whole()).isEmpty();
        assertThat(memory.used()).isZero();
    }
}
