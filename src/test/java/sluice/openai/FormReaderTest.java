package sluice.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A form means the same in whatever pieces it comes. */
class FormReaderTest {
    private static final String BOUNDARY = "----Form7d1";
    private static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;

    /** A part as it is written. */
    record Part(String head, String content) {
        String text() {
            return "--" + BOUNDARY + "\r\n" + head + "\r\n\r\n" + content + "\r\n";
        }
    }

    /** What came of a form. */
    private record Read(@Nullable String model, String passed, @Nullable String code) {}

    private static String form(List<Part> parts) {
        return parts.stream().map(Part::text).collect(Collectors.joining()) + "--" + BOUNDARY + "--\r\n";
    }

    private static Read read(String text, List<Integer> sizes) throws MalformedBody {
        FormReader reader = FormReader.of(TYPE);
        Buffer whole = Buffer.buffer(text);
        Buffer passed = Buffer.buffer();
        try {
            int from = 0;
            for (int i = 0; from < whole.length(); i++) {
                int to = Math.min(whole.length(), from + sizes.get(i % sizes.size()));
                passed.appendBuffer(reader.accept(whole.getBuffer(from, to)));
                assertThat(whole.getBuffer(0, passed.length())).as("passes as it came").isEqualTo(passed);
                from = to;
            }
            passed.appendBuffer(reader.end(null));
            return new Read(reader.model(), passed.toString(UTF_8), null);
        } catch (MalformedBody fault) {
            return new Read(reader.model(), "", fault.code());
        }
    }

    @Provide
    static Arbitrary<List<Integer>> sizes() {
        return Arbitraries.integers().between(1, 60).list().ofMinSize(1).ofMaxSize(20);
    }

    @Provide
    static Arbitrary<List<Part>> parts() {
        Arbitrary<String> content = Arbitraries.strings().withChars("aé模-\r\n\"" + BOUNDARY).ofMaxLength(60)
                .map(text -> text.replace(BOUNDARY, ""));
        Arbitrary<Part> file = content.map(text -> new Part(
                "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav", text));
        Arbitrary<Part> field = Combinators.combine(Arbitraries.of("language", "prompt", "models"), content)
                .as((name, text) -> new Part("content-disposition: form-data; name=\"" + name + "\"", text));
        return Arbitraries.oneOf(file, field).list().ofMaxSize(4);
    }

    @Property(tries = 400)
    void modelIsFoundAndEveryByteIsPassedInAnyPieces(@ForAll("parts") List<Part> before,
            @ForAll("parts") List<Part> after, @ForAll("sizes") List<Integer> sizes) throws MalformedBody {
        Part model = new Part("Content-Disposition: form-data; name=\"model\"", "whisper-1");
        List<Part> all = new ArrayList<>(before);
        all.add(model);
        all.addAll(after);
        String text = form(all);
        assertThat(read(text, sizes)).isEqualTo(new Read("whisper-1", text, null));
    }

    @Property(tries = 200)
    void brokenFormIsRefusedAlikeInAnyPieces(@ForAll("parts") List<Part> parts, @ForAll("sizes") List<Integer> sizes,
            @ForAll int seed) throws MalformedBody {
        String text = form(parts);
        int at = Math.floorMod(seed, text.length());
        String broken = text.substring(0, at) + text.substring(Math.min(text.length(), at + 3));
        Read whole = read(broken, List.of(broken.length() + 1));
        Read pieces = read(broken, sizes);
        assertThat(pieces.code()).isEqualTo(whole.code());
        assertThat(pieces.model()).isEqualTo(whole.model());
    }

    @Test
    void modelThatTheFormLacksIsWrittenBeforeItsEnd() throws MalformedBody {
        FormReader reader = FormReader.of(TYPE);
        Buffer passed = reader.accept(Buffer.buffer(form(List.of(new Part("Content-Disposition: form-data; name=\"n\"",
                "1")))));
        passed.appendBuffer(reader.end("dall-e-2"));
        assertThat(read(passed.toString(), List.of(7)).model()).isEqualTo("dall-e-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name=\"Model\"", "name=\" model\"", "name=\"MODEL\"", "name=\"model\"; filename=\"x\""})
    void modelThatTwoReadersCouldReadDifferentlyIsRefused(String name) throws MalformedBody {
        Read read = read(form(List.of(new Part("Content-Disposition: form-data; " + name, "o3"))), List.of(5));
        assertThat(read.code()).isNotNull();
        assertThat(read.passed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x",
            "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"é\""})
    void contentTypeMustNameTheBoundary(String type) {
        assertThat(catchThrowableOfType(MalformedBody.class, () -> FormReader.of(type)).code())
                .isEqualTo("invalid_form");
    }
}
