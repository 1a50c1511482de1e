package sluice.simulator;

import io.netty.handler.codec.DecoderException;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.IncomingContent;

/** Reads the body of one request. Files in a form are streamed, and kept only if short. */
final class BodyReader {
    private static final int BODY_MAX = 64 * 1024 * 1024;

    private final Exchange exchange;
    private final HttpServerRequest request;
    private final boolean form;
    private final Buffer bytes = Buffer.buffer();
    private final List<Body.FormFile> files = new ArrayList<>();

    BodyReader(Exchange exchange) {
        this.exchange = exchange;
        this.request = exchange.request();
        this.form = isForm(request);
    }

    /** Reads the whole body, or answers with an error if it is too long or malformed. */
    void read(Consumer<Body> whole) {
        if (form) {
            request.setExpectMultipart(true);
            request.uploadHandler(this::receive);
            request.exceptionHandler(this::fail);
        }
        request.handler(form ? this::keepBeginning : this::keep);
        request.endHandler(end -> {
            if (!exchange.isOver()) {
                exchange.received(bytes);
                whole.accept(new Body(bytes, form ? request.formAttributes() : MultiMap.caseInsensitiveMultiMap(),
                        files));
            }
        });
    }

    private static boolean isForm(HttpServerRequest request) {
        String type = request.getHeader("content-type");
        return HttpMethod.POST.equals(request.method()) && type != null
                && type.toLowerCase(Locale.ROOT).matches("multipart/form-data *;.*boundary=.+");
    }

    private void receive(HttpServerFileUpload upload) {
        IncomingContent content = new IncomingContent();
        upload.handler(content::add);
        upload.endHandler(end -> files.add(
                new Body.FormFile(upload.name(), upload.filename(), upload.contentType(), content.whole())));
    }

    private void fail(Throwable failure) {
        if (failure instanceof DecoderException) {
            exchange.fail(ApiError.malformedForm());
        } else {
            exchange.left();
        }
    }

    private void keep(Buffer part) {
        if (exchange.isOver()) {
            return;
        }
        if (bytes.length() + part.length() > BODY_MAX) {
            exchange.fail(Refusals.tooLong(BODY_MAX));
        } else {
            bytes.appendBuffer(part);
        }
    }

    private void keepBeginning(Buffer part) {
        int room = ReceivedRequest.BODY_MAX - bytes.length();
        if (room > 0) {
            bytes.appendBuffer(part, 0, Math.min(room, part.length()));
        }
    }
}
