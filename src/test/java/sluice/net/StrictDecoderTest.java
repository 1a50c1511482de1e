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
            begin(channel);
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
        begin(channel);
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

    private static EmbeddedChannel channel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
        StrictDecoder.install(channel.pipeline(), 1024, () -> {});
        return channel;
    }

    /** The server takes on the request that has been read last. */
    private static void begin(EmbeddedChannel channel) {
        StrictDecoder.begun(channel.pipeline());
        channel.runPendingTasks();
    }

    private static void write(EmbeddedChannel channel, String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, US_ASCII));
    }

    private static String head(int number) {
        return "GET /" + number + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }

    private static void assertNextIs(EmbeddedChannel channel, int number) {
        HttpRequest request = channel.readInbound();
        assertThat(request.uri()).isEqualTo("/" + number);
        assertThat(channel.<Object>readInbound()).isEqualTo(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    @Test
    void headsBehindOneThatHasNotBegunStayUnread() {
        EmbeddedChannel channel = channel();
        write(channel, head(0) + head(1) + head(2));
        for (int i = 0; i < 3; i++) {
            assertNextIs(channel, i);
            assertThat(channel.<Object>readInbound()).as("read ahead of " + i).isNull();
            assertThat(channel.config().isAutoRead()).as("the socket is read").isEqualTo(i == 2);
            begin(channel);
        }
        write(channel, head(3));
        assertNextIs(channel, 3);
        assertThat(channel.config().isAutoRead()).isTrue();
        channel.finishAndReleaseAll();
    }

    @Test
    void whatArrivesInTheMeantimeWaitsToo() {
        EmbeddedChannel channel = channel();
        write(channel, head(0) + "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Le");
        assertNextIs(channel, 0);
        write(channel, "ngth: 2\r\n\r\na");
        write(channel, "b" + head(2));
        assertThat(channel.<Object>readInbound()).isNull();
        begin(channel);
        HttpRequest post = channel.readInbound();
        assertThat(post.uri()).isEqualTo("/1");
        assertThat(channel.<Object>readInbound()).as("its body").isNull();
        begin(channel);
        LastHttpContent body = channel.readInbound();
        assertThat(body.content().toString(US_ASCII)).isEqualTo("ab");
        body.release();
        assertNextIs(channel, 2);
        channel.finishAndReleaseAll();
    }

    @Test
    void callerWhoSendsOnUnreadIsCutOff() {
        EmbeddedChannel channel = channel();
        write(channel, head(0).repeat(10));
        for (int i = 0; i < 100 && channel.isOpen(); i++) {
            write(channel, "x".repeat(64 * 1024));
        }
        assertThat(channel.isOpen()).isFalse();
        channel.finishAndReleaseAll();
    }
}
