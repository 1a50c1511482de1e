package sluice.proxy.body;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.openai.FormReader;
import sluice.openai.MalformedBody;

class FormTest {
    private final Bulkhead memory = Bulkhead.of("forms", 1 << 20);

    /** Longer than what is kept back, so that it passes before its model is known. */
    @Test
    void longFormThatNamesNoModelIsOfTheDefaultModelOnceItIsOver() throws MalformedBody {
        Form form = Form.of(FormReader.of("multipart/form-data; boundary=b"), null, "dall-e-2",
                memory.part(new Holder.Tenant("bot")));
        String head = "--b\r\ncontent-disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
        assertThat(form.keepBack(Buffer.buffer(head + "x".repeat(Form.MOST_KEPT_BACK)))).isTrue();
        assertThat(form.model()).isNull();

        form.accept(Buffer.buffer("\r\n--b--\r\n"));
        List<String> checked = new ArrayList<>();
        assertThat(form.end(model -> {
            checked.add(model);
            return Future.succeededFuture();
        }).succeeded()).isTrue();
        assertThat(checked).containsExactly("dall-e-2");
        assertThat(form.model()).isEqualTo("dall-e-2");
        assertThat(form.whole()).isFalse();
        form.release();
    }
}
