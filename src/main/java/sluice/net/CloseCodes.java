package sluice.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The close codes of WebSockets (RFC 6455, section 7.4, and IANA's registry). Vert.x echoes any code it receives; in a
 * pipeline, this handler turns a code that must not be sent into a protocol error.
 */
public final class CloseCodes extends ChannelOutboundHandlerAdapter {
    public static final int NORMAL = 1000;
    public static final int GOING_AWAY = 1001;
    public static final int PROTOCOL_ERROR = 1002;
    public static final int UNSUPPORTED = 1003;
    public static final int NOT_TEXT = 1007;
    public static final int POLICY = 1008;
    public static final int TOO_BIG = 1009;
    public static final int BROKEN = 1011;
    public static final int TRY_LATER = 1013;

    /** The longest reason: the payload of a close frame, less its code. */
    private static final int MOST_REASON_BYTES = 123;

    CloseCodes() {}

    /** Whether a close frame may carry the code. */
    public static boolean maySend(int code) {
        return (code >= NORMAL && code <= UNSUPPORTED) || (code >= NOT_TEXT && code <= 1014)
                || (code >= 3000 && code <= 4999);
    }

    /** As much of a reason as fits into a close frame. */
    public static String reason(String whole) {
        ByteBuffer room = ByteBuffer.allocate(MOST_REASON_BYTES);
        CharBuffer characters = CharBuffer.wrap(whole);
        var _ = StandardCharsets.UTF_8.newEncoder().encode(characters, room, true);
        return whole.substring(0, characters.position());
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof CloseWebSocketFrame frame && !mayBeSent(frame.content())) {
            frame.release();
            var _ = context.write(new CloseWebSocketFrame(true, 0, Unpooled.copyShort(PROTOCOL_ERROR)), promise);
        } else {
            var _ = context.write(message, promise);
        }
    }

    private static boolean mayBeSent(ByteBuf content) {
        return content.readableBytes() < Short.BYTES || maySend(content.getUnsignedShort(content.readerIndex()));
    }
}
