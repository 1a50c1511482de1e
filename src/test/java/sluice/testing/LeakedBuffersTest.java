package sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class LeakedBuffersTest {

    @Test
    void bufferThatNobodyReleasesIsFound() {
        leak();
        assertThat(LeakedBuffers.collected()).isNotEmpty().first().asString().contains("was not released");
    }

    @Test
    void bufferThatIsReleasedIsNot() {
        PooledByteBufAllocator.DEFAULT.buffer().release();
        assertThat(LeakedBuffers.collected()).isEmpty();
    }

    private static void leak() {
        PooledByteBufAllocator.DEFAULT.buffer().writeByte(1);
    }
}
