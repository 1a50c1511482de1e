package sluice.answers;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.cache.CachedAnswer;
import sluice.cache.Retention;
import sluice.openai.Served;
import sluice.openai.Usage;

/**
 * An answer as replicas share it.
 *
 * @param asks     a digest of what was asked for, if its name does not say; otherwise empty
 * @param source   whose call made it
 * @param begunAt  when that call began, in milliseconds since 1970
 * @param storedAt when it was stored, likewise
 * @param ttl      how long the replica that made it keeps it
 */
record Entry(String asks, Retention.Source source, long begunAt, long storedAt, Duration ttl, CachedAnswer answer) {
    private static final int FORMAT = 1;
    private static final int MOST_HEADERS = 100;

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512 + answer.body().length());
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(asks);
            out.writeUTF(source.tenant());
            out.writeUTF(source.model());
            out.writeUTF(source.namespace());
            out.writeLong(begunAt);
            out.writeLong(storedAt);
            out.writeLong(ttl.toMillis());
            out.writeInt(answer.headers().size());
            for (Map.Entry<String, String> header : answer.headers()) {
                out.writeUTF(header.getKey());
                out.writeUTF(header.getValue());
            }
            write(out, answer.served());
            out.writeInt(answer.body().length());
            out.write(answer.body().getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Served served) throws IOException {
        out.writeUTF(served.model());
        out.writeUTF(served.serviceTier());
        Usage usage = served.usage();
        out.writeBoolean(usage != null);
        if (usage != null) {
            Usage.Details details = usage.details();
            for (long count : new long[]{usage.input(), usage.output(), usage.cached(), details.cacheWrites(),
                    details.audioInput(), details.imageInput(), details.cachedAudio(), details.cachedImage(),
                    details.audioOutput(), details.imageOutput(), details.audioMillis(), details.characters()}) {
                out.writeLong(count);
            }
        }
    }

    /** @throws IOException if the bytes hold none, or one of another version */
    static Entry of(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != FORMAT) {
                throw new IOException("an entry of another version");
            }
            String asks = in.readUTF();
            Retention.Source source = new Retention.Source(in.readUTF(), in.readUTF(), in.readUTF());
            long begunAt = in.readLong();
            long storedAt = in.readLong();
            Duration ttl = Duration.ofMillis(in.readLong());
            List<Map.Entry<String, String>> headers = new ArrayList<>();
            for (int left = Math.min(in.readInt(), MOST_HEADERS); left > 0; left--) {
                headers.add(Map.entry(in.readUTF(), in.readUTF()));
            }
            Served served = served(in);
            byte[] body = in.readNBytes(in.readInt());
            return new Entry(asks, source, begunAt, storedAt, ttl,
                    new CachedAnswer(List.copyOf(headers), Buffer.buffer(body), served));
        } catch (IllegalArgumentException negative) {
            throw new IOException("a broken entry", negative);
        }
    }

    private static Served served(DataInputStream in) throws IOException {
        String model = in.readUTF();
        String tier = in.readUTF();
        @Nullable
        Usage usage = in.readBoolean()
                ? new Usage(in.readLong(), in.readLong(), in.readLong(),
                        new Usage.Details(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong(),
                                in.readLong(), in.readLong(), in.readLong(), in.readLong()))
                : null;
        return new Served(model, tier, usage);
    }
}
