package sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PlainTextTest {

    @Test
    void findsWhatALookAtEachByteFinds() {
        Random random = new Random(7);
        for (int round = 0; round < 200_000; round++) {
            byte[] text = new byte[1 + random.nextInt(40)];
            random.nextBytes(text);
            // Neighbours of both, which a wrong carry would take for them.
            for (int i = 0; i < 4; i++) {
                text[random.nextInt(
                        text.length)] = (byte) ("\"\\#]![".charAt(random.nextInt(6)) + 128 * random.nextInt(2));
            }
            text[text.length - 1] = (byte) (random.nextBoolean() ? '"' : '\\');
            int from = random.nextInt(text.length);
            int expected = from;
            while (text[expected] != '"' && text[expected] != '\\') {
                expected++;
            }
            assertThat(PlainText.end(text, from)).isEqualTo(expected);
        }
    }
}
