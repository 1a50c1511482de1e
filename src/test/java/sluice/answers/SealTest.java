package sluice.answers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cache.CachedAnswer;
import sluice.cache.Retention;
import sluice.openai.Served;
import sluice.openai.Usage;

class SealTest {
    private static final int MOST = 1 << 20;
    private static final SealKey OLD = key(1);
    private static final SealKey NEW = key(2);

    private static SealKey key(int seed) {
        byte[] bytes = new byte[32];
        new Random(seed).nextBytes(bytes);
        return SealKey.of(Base64.getEncoder().encodeToString(bytes)).orElseThrow();
    }

    private static Seal seal(SealKey... keys) {
        return new Seal(List.of(keys), MOST);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 70_000, MOST})
    void whatIsSealedIsReadAgain(int length) {
        byte[] random = new byte[length];
        new Random(length).nextBytes(random);
        for (Seal seal : List.of(seal(NEW), seal())) {
            assertThat(seal.open(seal.seal(random, "a"), "a")).hasValueSatisfying(
                    read -> assertThat(read).isEqualTo(random));
        }
    }

    @Test
    void nobodyReadsItWithoutTheKeyOrUnderAnotherName() {
        String text = seal(NEW).seal("secret".getBytes(UTF_8), "cache/1 of tenant bot");
        assertThat(new String(Base64.getDecoder().decode(text), UTF_8)).doesNotContain("secret");
        assertThat(seal(NEW).open(text, "cache/1 of tenant rival")).isEmpty();
        assertThat(seal(OLD).open(text, "cache/1 of tenant bot")).isEmpty();
        assertThat(seal().open(text, "cache/1 of tenant bot")).isEmpty();
        assertThat(seal(NEW).open(seal().seal(new byte[9], "a"), "a")).as("not encrypted").isEmpty();
    }

    @Test
    void everyChangedByteIsNoticed() {
        byte[] sealed = Base64.getDecoder().decode(seal(NEW).seal("an answer".getBytes(UTF_8), "a"));
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(seal(NEW).open(Base64.getEncoder().encodeToString(changed), "a")).as("byte " + i).isEmpty();
        }
        for (String broken : List.of("", "A", "*", "AAAA", Base64.getEncoder().encodeToString(new byte[]{1, 2}))) {
            assertThat(seal(NEW).open(broken, "a")).isEmpty();
            assertThat(seal().open(broken, "a")).isEmpty();
        }
    }

    @Test
    void keysRotate() {
        String old = seal(OLD).seal("an answer".getBytes(UTF_8), "a");
        assertThat(seal(NEW, OLD).open(old, "a")).isPresent();
        String fresh = seal(NEW, OLD).seal("an answer".getBytes(UTF_8), "a");
        assertThat(seal(OLD).open(fresh, "a")).isEmpty();
        assertThat(seal(NEW).open(fresh, "a")).isPresent();
    }

    @Test
    void textThatClaimsToBeLargerThanAnyAnswerIsNotUnpacked() {
        assertThat(new Seal(List.of(), 99).open(seal().seal(new byte[100], "a"), "a")).isEmpty();
    }

    @Test
    void onlyThirtyTwoBytesAreAKeyAndItIsNotPrinted() {
        assertThat(SealKey.of("short")).isEmpty();
        assertThat(SealKey.of("*")).isEmpty();
        assertThat(SealKey.of(Base64.getEncoder().encodeToString(new byte[31]))).isEmpty();
        assertThat(OLD.toString()).isEqualTo("key " + OLD.id());
        assertThat(OLD.id()).isNotEqualTo(NEW.id()).hasSize(16);
    }

    @Test
    void answerComesBackAsItWas() throws IOException {
        for (Served served : List.of(Served.UNTOLD, new Served("m", "flex",
                new Usage(1, 2, 3, new Usage.Details(4, 5, 6, 7, 8, 9, 10, 11, 12))))) {
            Entry entry = new Entry("asks", new Retention.Source("t", "m", "n"), 1_699_999_999_000L,
                    1_700_000_000_000L, Duration.ofMinutes(1), new CachedAnswer(
                            List.of(Map.entry("content-type", "application/json")), Buffer.buffer("{\"é\":1}"),
                            served));
            assertThat(Entry.of(entry.toBytes())).isEqualTo(entry);
        }
    }
}
