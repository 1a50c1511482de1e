package sluice.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Makes large WebSocket frames into fragments of 64 KiB (RFC 6455, section 5.4), so that what has arrived of one is handed
 * on, and counted, as it comes. The decoder behind it would keep the bytes of a frame to itself until the last has come.
 * Headers are rewritten; payloads pass as they are, since a mask of four bytes fits fragments of this size.
 */
final class FrameSplitter extends ChannelInboundHandlerAdapter {
    private static final int PIECE = 64 * 1024;
    private static final int FINAL = 0x80;
    private static final int OPCODE = 0x0f;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int MASK_BYTES = 4;
    /** Opcodes up to this one carry messages, and others control the connection. */
    private static final int LAST_OF_MESSAGES = 2;

    private final byte[] header = new byte[2 + Long.BYTES + MASK_BYTES];
    private int known;
    /** What is still to come of the frame, and of the fragment that is being passed on. */
    private long left;
    private long leftOfPiece;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf in)) {
            context.fireChannelRead(message);
            return;
        }
        ByteBuf out = context.alloc().buffer(in.readableBytes() + header.length);
        try {
            while (in.isReadable()) {
                if (leftOfPiece > 0) {
                    pass(in, out);
                } else {
                    readHeader(in, out);
                }
            }
        } finally {
            in.release();
        }
        if (out.isReadable()) {
            context.fireChannelRead(out);
        } else {
            out.release();
        }
    }

    private void pass(ByteBuf in, ByteBuf out) {
        int count = (int) Math.min(in.readableBytes(), leftOfPiece);
        out.writeBytes(in, count);
        left -= count;
        leftOfPiece -= count;
        if (leftOfPiece == 0 && left > 0) {
            boolean last = left <= PIECE;
            begin(out, (last ? header[0] & FINAL : 0));
        }
    }

    private void readHeader(ByteBuf in, ByteBuf out) {
        header[known++] = in.readByte();
        if (known < 2 || known < headerBytes()) {
            return;
        }
        int bytes = known;
        known = 0;
        left = length();
        if (left < 0 || left <= PIECE || (header[0] & OPCODE) > LAST_OF_MESSAGES) {
            // A negative length is invalid, and the decoder reports it.
            out.writeBytes(header, 0, bytes);
            leftOfPiece = Math.max(0, left);
        } else {
            begin(out, header[0] & ~FINAL);
        }
    }

    /** Begins a fragment with this first byte. */
    private void begin(ByteBuf out, int first) {
        leftOfPiece = Math.min(left, PIECE);
        int masked = header[1] & MASKED;
        out.writeByte(first);
        if (leftOfPiece < TWO_BYTES) {
            out.writeByte(masked | (int) leftOfPiece);
        } else if (leftOfPiece < PIECE) {
            out.writeByte(masked | TWO_BYTES).writeShort((int) leftOfPiece);
        } else {
            out.writeByte(masked | EIGHT_BYTES).writeLong(leftOfPiece);
        }
        if (masked != 0) {
            out.writeBytes(header, maskAt(), MASK_BYTES);
        }
    }

    private int headerBytes() {
        return maskAt() + ((header[1] & MASKED) != 0 ? MASK_BYTES : 0);
    }

    private int maskAt() {
        return switch (header[1] & LENGTH) {
            case TWO_BYTES -> 2 + Short.BYTES;
            case EIGHT_BYTES -> 2 + Long.BYTES;
            default -> 2;
        };
    }

    private long length() {
        int stated = header[1] & LENGTH;
        if (stated < TWO_BYTES) {
            return stated;
        }
        long length = 0;
        for (int i = 2; i < maskAt(); i++) {
            length = length << Byte.SIZE | (header[i] & 0xff);
        }
        return length;
    }
}
