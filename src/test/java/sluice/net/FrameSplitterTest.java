package sluice.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Whatever frames come, in whatever pieces: the decoder behind reads the same messages, and no large frame. */
class FrameSplitterTest {
    private static final int PIECE = 64 * 1024;

    /** A message or a control frame, as it is put together from frames. */
    private record Read(String kind, String bytes) {}

    private static List<Read> read(byte[] sent, boolean masked, boolean split, Random random) throws IOException {
        EmbeddedChannel channel = new EmbeddedChannel();
        if (split) {
            channel.pipeline().addLast(new FrameSplitter());
        }
        channel.pipeline().addLast(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(split ? PIECE : 1 << 24).expectMaskedFrames(masked).build()));
        for (int from = 0; from < sent.length;) {
            int length = Math.min(sent.length - from, 1 + random.nextInt(random.nextBoolean() ? 5 : 100_000));
            channel.writeInbound(Unpooled.copiedBuffer(sent, from, length));
            from += length;
        }
        List<Read> all = new ArrayList<>();
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        String kind = "";
        for (WebSocketFrame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            byte[] bytes = new byte[frame.content().readableBytes()];
            frame.content().readBytes(bytes);
            if (frame instanceof PingWebSocketFrame) {
                all.add(new Read("ping", new String(bytes, StandardCharsets.ISO_8859_1)));
            } else {
                kind = frame instanceof ContinuationWebSocketFrame ? kind : frame.getClass().getSimpleName();
                message.write(bytes);
                if (frame.isFinalFragment()) {
                    all.add(new Read(kind, message.toString(StandardCharsets.ISO_8859_1)));
                    message.reset();
                }
            }
            frame.release();
        }
        channel.finishAndReleaseAll();
        return all;
    }

    private static byte[] frames(Random random, boolean masked) {
        EmbeddedChannel encoder = new EmbeddedChannel(new WebSocket13FrameEncoder(masked));
        int messages = 1 + random.nextInt(6);
        for (int i = 0; i < messages; i++) {
            int fragments = 1 + random.nextInt(3);
            for (int j = 0; j < fragments; j++) {
                ByteBuf bytes = bytes(random);
                boolean last = j == fragments - 1;
                encoder.writeOutbound(j > 0
                        ? new ContinuationWebSocketFrame(last, 0, bytes)
                        : i % 2 == 0
                                ? new TextWebSocketFrame(last, 0, bytes)
                                : new BinaryWebSocketFrame(last, 0, bytes));
                if (random.nextBoolean()) {
                    encoder.writeOutbound(new PingWebSocketFrame(Unpooled.copiedBuffer(new byte[random.nextInt(126)])));
                }
            }
        }
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf out = encoder.readOutbound(); out != null; out = encoder.readOutbound()) {
            all.writeBytes(out);
            out.release();
        }
        byte[] sent = new byte[all.readableBytes()];
        all.readBytes(sent);
        return sent;
    }

    private static ByteBuf bytes(Random random) {
        int[] lengths = {0, 1, 125, 126, 65_535, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 3, 300_000};
        byte[] bytes = new byte[random.nextBoolean() ? lengths[random.nextInt(lengths.length)] : random.nextInt(1000)];
        random.nextBytes(bytes);
        return Unpooled.wrappedBuffer(bytes);
    }

    @Property(tries = 200)
    void sameMessagesAreRead(@ForAll long seed, @ForAll boolean masked) throws IOException {
        byte[] sent = frames(new Random(seed), masked);
        assertThat(read(sent, masked, true, new Random(seed))).isEqualTo(read(sent, masked, false, new Random(seed)));
    }

    @Test
    void whatHasArrivedIsHandedOnBeforeTheRest() {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameSplitter(), new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder().maxFramePayloadLength(PIECE).expectMaskedFrames(false).build()));
        ByteBuf begun = Unpooled.buffer().writeByte(0x81).writeByte(127).writeLong(10_000_000).writeZero(150_000);
        channel.writeInbound(begun);
        int arrived = 0;
        for (WebSocketFrame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            assertThat(frame.isFinalFragment()).isFalse();
            arrived += frame.content().readableBytes();
            frame.release();
        }
        assertThat(arrived).isEqualTo(2 * PIECE);
        channel.finishAndReleaseAll();
    }
}
