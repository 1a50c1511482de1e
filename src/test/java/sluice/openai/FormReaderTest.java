package sluice.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
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
import org.junit.jupiter.params.provider.CsvSource;
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
    @CsvSource({"1000, ", "1001, invalid_form"})
    void partsAreBounded(int parts, @Nullable String code) throws MalformedBody {
        String text = form(Collections.nCopies(parts, new Part("Content-Disposition: form-data; name=n", "1")));
        assertThat(read(text, List.of(100_000)).code()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"name=\"Model\"", "name=\" model\"", "name=\"MODEL\"", "name=\"model\"; filename=\"x\"",
            "name=\"mo\\del\"", "name=\"model\\\\\"", "name=\"model\"; name=\"n\"", "name=\"n\"; name=\"model\"",
            "name=\"model\"; name*=utf-8''n", "name=\"n\"; name*=utf-8''model", "name*=model",
            "name=\"n\"; name*0=model",
            "name=\"x\\\"; name=\"model\"", "filename=\"a\\\"; name=\"model\"",
            "name=\"n\"; filename=\"a\\\"; name=\\\"model\"",
            "filename=\"; name=model", "name=\"model\"\r\nContent-Transfer-Encoding: base64",
            "name=\"model\"\r\nContent-Type: text/plain; charset=utf-16", "name=\"model\"\r\n folded: x",
            "name=\"model\"\r\nContent-Disposition: form-data; name=n"})
    void modelThatTwoReadersCouldReadDifferentlyIsRefused(String name) throws MalformedBody {
        Read read = read(form(List.of(new Part("Content-Disposition: form-data; " + name, "o3"))), List.of(5));
        assertThat(read.code()).isNotNull();
        assertThat(read.passed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"name=\"file\"; filename=\"C:\\\\a.wav\"", "name=\"file\"; filename=\"a\\\"b.wav\"",
            "name=\"file\"; filename=\"my model.wav\"", "filename=\"model\"; name=\"file\"",
            "name=file; filename=my file.wav",
            "NAME=\"file\" ; filename*=utf-8''m%C3%A9.wav; filename=\"m.wav\"", "name=\"model_name\"",
            "name=\"f\\\"x\"",
            "name=\"file\"; filename=\"a\"; filename=\"b\"", "name=\"file\"; filename=\"a name=b.wav\";",
            "name=\"a;b\"",
            "name=\"file\"\r\nContent-Transfer-Encoding: base64",
            "name=\"file\"\r\nContent-Type: audio/wav; charset=utf-16",
            "name=\"file\"\r\nX-Name: name=model"})
    void whatSaysNothingOfTheModelPasses(String other) throws MalformedBody {
        String text = form(List.of(new Part("Content-Disposition: form-data; " + other, "o3"),
                new Part("Content-Disposition: form-data; name=model\r\nContent-Type: text/plain; charset=UTF-8",
                        "o4")));
        assertThat(read(text, List.of(7))).isEqualTo(new Read("o4", text, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x",
            "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"é\"",
            "multipart/form-data; x=\"; boundary=a\"; boundary=b", "multipart/form-data; boundary*=utf-8''a",
            "multipart/form-data; boundary=\"a\\\"b\"", "multipart/form-data; boundary=\"a",
            "multipart/form-data; boundary=a\"b\"",
            "multipart/form-data; boundary=\"a \"", "multipart/form-data, multipart/form-data; boundary=a"})
    void contentTypeMustNameTheBoundary(String type) {
        assertThat(catchThrowableOfType(MalformedBody.class, () -> FormReader.of(type)).code())
                .isEqualTo("invalid_form");
    }

    @ParameterizedTest
    @ValueSource(strings = {"multipart/form-data; charset=ISO-8859-1; boundary=a",
            "Multipart/Form-Data;boundary=\"a\";charset=utf-8",
            "multipart/form-data ; Boundary=a ;", "multipart/form-data; x=\"a\\\"b;c\"; boundary=a"})
    void otherParametersOfTheContentTypeSayNothing(String type) throws MalformedBody {
        FormReader reader = FormReader.of(type);
        Buffer form = Buffer.buffer("--a\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\no3\r\n--a--\r\n");
        assertThat(reader.accept(form).appendBuffer(reader.end(null))).isEqualTo(form);
        assertThat(reader.model()).isEqualTo("o3");
    }
}
