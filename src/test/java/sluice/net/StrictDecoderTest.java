package sluice.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictDecoderTest {

    @Test
    void connectionThatCannotBeReadStrictlyIsNotRead() {
        EmbeddedChannel http1 = new EmbeddedChannel();
        http1.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
        assertThat(StrictDecoder.install(http1.pipeline(), 1024, () -> {})).isTrue();
        assertThat(http1.pipeline().get("httpDecoder")).isInstanceOf(StrictDecoder.class);

        EmbeddedChannel http2 = new EmbeddedChannel(Http2FrameCodecBuilder.forServer().build());
        assertThat(StrictDecoder.install(http2.pipeline(), 1024, () -> {})).isTrue();
        assertThat(http2.pipeline().get(StrictDecoder.class)).isNull();

        EmbeddedChannel unknown = new EmbeddedChannel(new HttpRequestDecoder(), new HttpObjectAggregator(1024));
        assertThat(StrictDecoder.install(unknown.pipeline(), 1024, () -> {})).isFalse();
        http1.finishAndReleaseAll();
        http2.finishAndReleaseAll();
        unknown.finishAndReleaseAll();
    }

    /** Vert.x 5.1.6 looks at all letters but one; a proxy in front of it would see no length. */
    @ParameterizedTest
    @CsvSource({"content-xength", "Content-0ength", "content_length", "content-xype", "Content-hype"})
    void almostTheRightNameIsNot(String name) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
        StrictDecoder.install(channel.pipeline(), 1024, () -> {});
        String head = "POST / HTTP/1.1\r\nHost: h\r\n" + name + ": 5\r\n\r\n";
        channel.writeInbound(Unpooled.copiedBuffer(head + head, US_ASCII));
        for (int i = 0; i < 2; i++) {
            HttpRequest request = channel.readInbound();
            assertThat(request.headers().get(name)).isEqualTo("5");
            assertThat(request.headers().contains("content-length")).isFalse();
            assertThat(request.headers().contains("content-type")).isFalse();
            assertThat(channel.<Object>readInbound()).isEqualTo(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @CsvSource({"content-length", "Content-Length", "Content-length", "CONTENT-LENGTH", "cOnTeNt-LeNgTh"})
    void rightNameIsInAnyCase(String name) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
        StrictDecoder.install(channel.pipeline(), 1024, () -> {});
        channel.writeInbound(
                Unpooled.copiedBuffer("POST / HTTP/1.1\r\nHost: h\r\n" + name + ": 2\r\n\r\nab", US_ASCII));
        HttpRequest request = channel.readInbound();
        assertThat(request.headers().get("content-length")).isEqualTo("2");
        LastHttpContent body = channel.readInbound();
        assertThat(body.content().readableBytes()).isEqualTo(2);
        body.release();
        channel.finishAndReleaseAll();
    }

    /** Vert.x 5.1.6 throws when such a failure reaches a request that waits behind another. */
    @Test
    void refusedHeadIsReportedNoSecondTime() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
        StrictDecoder.install(channel.pipeline(), 1024, () -> {});
        String head = "GET / HTTP/1.1\r\nHost: h\r\n";
        channel.writeInbound(Unpooled.copiedBuffer(head + "x: a\r\n folded\r\n\r\n" + head + "\r\n", US_ASCII));
        HttpRequest folded = channel.readInbound();
        channel.pipeline().fireExceptionCaught(folded.decoderResult().cause());
        channel.runPendingTasks();
        channel.checkException();
        assertThat(channel.isOpen()).isFalse();
        channel.finishAndReleaseAll();
    }
}
