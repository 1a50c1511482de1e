package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** How much is reserved for an answer in advance. */
class AnswerLengthsTest {
    private final List<Double> ratios = new ArrayList<>();
    private final AnswerLengths lengths = new AnswerLengths(ratios::add);

    private long expected(String tenant, String model, long longest) {
        return lengths.expected(tenant, model, 100, longest).tokens();
    }

    private void answers(int times, long longest, long length) {
        for (int i = 0; i < times; i++) {
            lengths.expected("bot", "m", 100, longest).was(100, length);
        }
    }

    @Test
    void allThatIsAllowedIsReservedUntilTwentyAnswersAreKnown() {
        answers(19, 4096, 200);
        assertThat(expected("bot", "m", 4096)).isEqualTo(4196);
        answers(1, 4096, 200);
        assertThat(expected("bot", "m", 4096)).isEqualTo(300);
    }

    @Test
    void nineInTenAreNotLonger() {
        answers(18, 4096, 200);
        answers(2, 4096, 900);
        assertThat(expected("bot", "m", 4096)).isEqualTo(300);
        answers(1, 4096, 900);
        assertThat(expected("bot", "m", 4096)).isEqualTo(1000);
    }

    @Test
    void onlyAnswersOfTheSameKindTell() {
        answers(20, 4096, 200);
        assertThat(expected("bot", "m", 2049)).isEqualTo(300);
        assertThat(expected("bot", "m", 2048)).isEqualTo(2148);
        assertThat(expected("bot", "m", 4097)).isEqualTo(4197);
        assertThat(expected("bot", "other", 4096)).isEqualTo(4196);
        assertThat(expected("other", "m", 4096)).isEqualTo(4196);
    }

    @Test
    void moreThanIsAllowedIsNeverReserved() {
        answers(20, 4096, 4000);
        assertThat(expected("bot", "m", 3000)).isEqualTo(3100);
        assertThat(expected("bot", "m", 0)).isEqualTo(100);
    }

    @Test
    void answersOfOldAreForgotten() {
        answers(200, 4096, 4000);
        answers(179, 4096, 10);
        assertThat(expected("bot", "m", 4096)).isEqualTo(4100);
        answers(1, 4096, 10);
        assertThat(expected("bot", "m", 4096)).isEqualTo(110);
    }

    @Test
    void errorOfEachReservationIsTold() {
        answers(1, 4096, 2098);
        lengths.expected("bot", "m", 0, 4096).was(0, 0);
        assertThat(ratios).singleElement().isEqualTo(4196 / 2198.0);
    }

    @Property
    void usualLengthIsThatOfTheLastAnswersInOrder(
            @ForAll @Size(min = 20, max = 500) List<@IntRange(min = 0, max = 50) Integer> answers) {
        LastLengths learned = new LastLengths();
        answers.forEach(length -> learned.add(length));
        List<Integer> last = answers.subList(Math.max(0, answers.size() - 200), answers.size()).stream().sorted()
                .toList();
        assertThat(learned.usual()).isEqualTo(last.get((last.size() * 9 + 9) / 10 - 1).longValue());
    }
}
