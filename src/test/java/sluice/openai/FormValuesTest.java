package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Ids are found among the values of a form, wherever its pieces end. */
@SuppressWarnings("StringConcatToTextBlock") // line ends matter
class FormValuesTest {
    private static final String FORM = "--B-1\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nfile-no\r\n--B\r\n\r\n"
            + "--B-1\r\nContent-Disposition: form-data; name*=utf-8''file%5Fid\r\n\r\nfile-abcdefghijklmnop\r\n"
            + "--B-1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nfile-0123456789abcdef\r\n"
            + "--B-1\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\ngpt-4o-mini-transcribe\r\n"
            + "--B-1\r\nContent-Disposition: form-data; name=\"video\"\r\n\r\n{\"id\":\"video_0123456789abcdef\"}\r\n"
            + "--B-1\r\nContent-Disposition: form-data; name=\"consent\"\r\n\r\ncons_0123456789abcdef\r\n--B-1--\r\n";

    @Property
    void isFoundInPiecesOfAnySize(@ForAll @IntRange(min = 1, max = 400) int size) throws MalformedBody {
        FormValues values = FormValues.of("multipart/form-data; boundary=B-1");
        Buffer all = Buffer.buffer(FORM);
        for (int from = 0; from < all.length(); from += size) {
            values.accept(all.getBuffer(from, Math.min(all.length(), from + size)));
        }
        assertThat(values.ids()).containsExactly("file-abcdefghijklmnop", "video_0123456789abcdef",
                "cons_0123456789abcdef");
    }
}
