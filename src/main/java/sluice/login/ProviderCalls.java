package sluice.login;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.ext.web.codec.BodyCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import sluice.login.LoginFailed.Why;
import sluice.net.BeginningOfBody;

/** HTTP calls to a provider: JSON answers, bounded in size and time. They fail with {@link LoginFailed}. */
final class ProviderCalls implements AutoCloseable {
    private static final int MOST_BYTES = 256 << 10;
    private static final int PATIENCE_MILLIS = 5_000;

    private final WebClient client;

    ProviderCalls(Vertx vertx, Optional<Path> caFile) {
        WebClientOptions options = new WebClientOptions().setConnectTimeout(PATIENCE_MILLIS).setFollowRedirects(false)
                .setKeepAlive(false).setUserAgentEnabled(false);
        caFile.ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        this.client = WebClient.create(vertx, options);
    }

    /** @param accessToken empty for none */
    Future<JsonObject> get(String address, String accessToken) {
        HttpRequest<Buffer> request = client.getAbs(address);
        if (!accessToken.isEmpty()) {
            request.bearerTokenAuthentication(accessToken);
        }
        return json(request, HttpRequest::send);
    }

    /** @param login name and password, each percent-encoded; empty for none */
    Future<JsonObject> post(String address, MultiMap form, String login) {
        HttpRequest<Buffer> request = client.postAbs(address);
        if (!login.isEmpty()) {
            request.putHeader("authorization", "Basic " + Base64.getEncoder()
                    .encodeToString(login.getBytes(StandardCharsets.US_ASCII)));
        }
        return json(request, ready -> ready.sendForm(form));
    }

    private static Future<JsonObject> json(HttpRequest<Buffer> request,
            Function<HttpRequest<Void>, Future<HttpResponse<Void>>> send) {
        BeginningOfBody body = new BeginningOfBody(MOST_BYTES + 1);
        return send.apply(request.timeout(PATIENCE_MILLIS).putHeader("accept", "application/json")
                .as(BodyCodec.pipe(body)))
                .recover(unreachable -> Future.failedFuture(Provider.away(String.valueOf(unreachable.getMessage()))))
                .map(answer -> read(answer.statusCode(), body));
    }

    private static JsonObject read(int status, BeginningOfBody body) {
        if (body.bytes().length() > MOST_BYTES) {
            throw Provider.away("its answer is longer than " + MOST_BYTES / 1024 + " KiB");
        }
        JsonObject json;
        try {
            json = new JsonObject(body.bytes().toString());
        } catch (DecodeException | ClassCastException odd) {
            throw Provider.away("it answers " + status + " and no JSON");
        }
        if (status == 200) {
            return json;
        }
        if (status == 400 && json.getValue("error") instanceof String error && error.equals("invalid_grant")) {
            throw new LoginFailed(Why.REFUSED, "The provider does not take this code any more; log in again.");
        }
        throw Provider.away("it answers " + status
                + (json.getValue("error") instanceof String error ? " " + error.replaceAll("[^a-z_]", "") : ""));
    }

    @Override
    public void close() {
        client.close();
    }
}
