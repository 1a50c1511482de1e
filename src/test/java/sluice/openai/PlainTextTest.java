package sluice.openai;

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
            boolean ascii = random.nextBoolean();
            for (int i = 0; ascii && i < text.length; i++) {
                text[i] = (byte) (' ' + (text[i] & 63));
            }
            // Neighbours of what is looked for, which a wrong carry would take for it.
            for (int i = 0; i < 4; i++) {
                text[random.nextInt(
                        text.length)] = (byte) ("\"\\#]![\037 ~".charAt(random.nextInt(9)) + 128 * random.nextInt(2));
            }
            int from = random.nextInt(text.length);
            int to = from + random.nextInt(text.length - from + 1);
            int expected = from;
            int expectedAscii = -1;
            while (expected < to && text[expected] != '"' && text[expected] != '\\') {
                expectedAscii = expectedAscii < 0 && text[expected] < ' ' ? expected : expectedAscii;
                expected++;
            }
            assertThat(PlainText.end(text, from, to)).isEqualTo(expected);
            assertThat(PlainText.endOfAscii(text, from, to)).isEqualTo(expectedAscii < 0 ? expected : expectedAscii);
        }
    }
}
