package sluice.calls;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;

/**
 * A record as one line of the spool: the CRC-32 of what follows in eight hexadecimal digits, a space, and a JSON array.
 * Later versions may add values at the array's end, which earlier ones ignore.
 */
final class CallLine {
    private static final JsonFactory JSON = new JsonFactory();
    private static final HexFormat HEX = HexFormat.of();
    private static final int SUM_LENGTH = 8;

    private CallLine() {}

    /** Appends the line, its end included. */
    static void write(CallRecord call, OutputStream to) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartArray();
            write(call, json);
            json.writeEndArray();
        }
        byte[] bytes = line.toByteArray();
        to.write(sum(bytes, 0, bytes.length).getBytes(StandardCharsets.US_ASCII));
        to.write(' ');
        to.write(bytes);
        to.write('\n');
    }

    private static void write(CallRecord call, JsonGenerator json) throws IOException {
        json.writeNumber(call.endedAtMillis());
        json.writeString(call.id());
        json.writeString(call.tenant());
        json.writeString(call.keyId());
        json.writeString(call.endpoint());
        json.writeString(call.asked());
        json.writeString(call.served());
        json.writeString(call.tier());
        write(call.usage(), json);
        json.writeBoolean(call.estimated());
        json.writeString(call.cache());
        json.writeNumber(call.status());
        json.writeString(call.outcome());
        json.writeString(call.code());
        json.writeNumber(call.waitedMicros());
        json.writeNumber(call.totalMicros());
        json.writeNumber(call.attempts());
        json.writeString(call.account());
        json.writeString(call.tags());
        json.writeString(call.user());
        json.writeBoolean(call.unpriced());
        json.writeNumber(call.picodollars());
        LocalDate priced = call.priced();
        json.writeString(priced == null ? "" : priced.toString());
        json.writeNumber(call.savedPicodollars());
        json.writeString(call.subject());
        json.writeString(call.limit());
    }

    private static void write(@Nullable Usage usage, JsonGenerator json) throws IOException {
        if (usage == null) {
            json.writeNull();
            return;
        }
        json.writeStartArray();
        json.writeNumber(usage.input());
        json.writeNumber(usage.output());
        json.writeNumber(usage.cached());
        Usage.Details details = usage.details();
        for (long each : new long[]{details.cacheWrites(), details.audioInput(), details.imageInput(),
                details.cachedAudio(), details.cachedImage(), details.audioOutput(), details.imageOutput(),
                details.audioMillis(), details.characters()}) {
            json.writeNumber(each);
        }
        json.writeEndArray();
    }

    /** The record of a line without its end; empty if the line is torn or damaged. */
    static Optional<CallRecord> read(byte[] bytes, int from, int to) {
        int start = from + SUM_LENGTH + 1;
        if (start > to || !sum(bytes, start, to).equals(
                new String(bytes, from, SUM_LENGTH, StandardCharsets.US_ASCII))) {
            return Optional.empty();
        }
        try (JsonParser json = JSON.createParser(bytes, start, to - start)) {
            json.nextToken();
            return Optional.of(read(json));
        } catch (IOException otherVersion) {
            return Optional.empty();
        }
    }

    private static CallRecord read(JsonParser json) throws IOException {
        return new CallRecord(number(json), text(json), text(json), text(json), text(json), text(json), text(json),
                text(json), usage(json), flag(json), text(json), (int) number(json), text(json), text(json),
                number(json), number(json), (int) number(json), text(json), text(json), text(json), flag(json),
                number(json), date(text(json)), number(json), textIfAny(json), textIfAny(json));
    }

    private static @Nullable LocalDate date(String text) throws IOException {
        try {
            return text.isEmpty() ? null : LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new IOException(e);
        }
    }

    private static @Nullable Usage usage(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_ARRAY) {
            return null;
        }
        Usage usage = new Usage(number(json), number(json), number(json),
                new Usage.Details(number(json), number(json), number(json), number(json), number(json), number(json),
                        number(json), number(json), number(json)));
        while (json.nextToken() != JsonToken.END_ARRAY) {
            json.skipChildren();
        }
        return usage;
    }

    private static boolean flag(JsonParser json) throws IOException {
        return json.nextToken() == JsonToken.VALUE_TRUE;
    }

    private static long number(JsonParser json) throws IOException {
        json.nextToken();
        return json.getLongValue();
    }

    private static String text(JsonParser json) throws IOException {
        json.nextToken();
        return json.getText();
    }

    /** Lines of earlier versions end before it. */
    private static String textIfAny(JsonParser json) throws IOException {
        return json.nextToken() == JsonToken.VALUE_STRING ? json.getText() : "";
    }

    private static String sum(byte[] bytes, int from, int to) {
        CRC32 sum = new CRC32();
        sum.update(bytes, from, to - from);
        return HEX.toHexDigits((int) sum.getValue());
    }
}
