package sluice.identity;

import com.nimbusds.jose.jwk.JWKSet;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.ext.web.codec.BodyCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import sluice.identity.Issuer.Keys;
import sluice.net.BeginningOfBody;
import sluice.net.SmallFile;

/** Reads the public keys of an issuer: from a file, from an address, or from where its discovery document says. */
final class KeySource implements AutoCloseable {
    private static final int MOST_BYTES = 256 << 10;
    private static final int PATIENCE_MILLIS = 5_000;
    private static final String DISCOVERY = "/.well-known/openid-configuration";

    private final Vertx vertx;
    private final Issuer issuer;
    private final WebClient client;

    KeySource(Vertx vertx, Issuer issuer) {
        this.vertx = vertx;
        this.issuer = issuer;
        WebClientOptions options = new WebClientOptions().setConnectTimeout(PATIENCE_MILLIS).setFollowRedirects(false)
                .setKeepAlive(false);
        issuer.caFile().ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        this.client = WebClient.create(vertx, options);
    }

    /** All of them; fails with a message without secrets. */
    Future<JWKSet> read() {
        Future<String> text = switch (issuer.keys()) {
            case Keys.InFile(Path file) -> file(file);
            case Keys.Address(var url) -> get(url.toString());
            case Keys.Discovered() -> get(issuer.url().replaceFirst("/+$", "") + DISCOVERY).compose(this::named);
        };
        return text.timeout(2L * PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .compose(json -> vertx.executeBlocking(() -> parsed(json), false))
                .map(keys -> Objects.requireNonNull(keys));
    }

    private Future<String> named(String document) {
        try {
            JsonObject told = new JsonObject(document);
            String jwks = told.getString("jwks_uri", "");
            if (!issuer.url().equals(told.getString("issuer"))) {
                return Future.failedFuture("its discovery document belongs to another issuer");
            }
            boolean secure = jwks.startsWith("https://")
                    || (jwks.startsWith("http://") && issuer.url().startsWith("http://"));
            return secure ? get(jwks) : Future.failedFuture("its discovery document names no https jwks_uri");
        } catch (DecodeException | ClassCastException odd) {
            return Future.failedFuture("its discovery document is malformed");
        }
    }

    private Future<String> get(String url) {
        return issuer.tokenFile().map(this::file).orElse(Future.succeededFuture("")).compose(token -> {
            HttpRequest<Buffer> request = client.getAbs(url).timeout(PATIENCE_MILLIS).putHeader("accept",
                    "application/json");
            if (!token.isEmpty()) {
                request.bearerTokenAuthentication(token.strip());
            }
            BeginningOfBody body = new BeginningOfBody(MOST_BYTES + 1);
            return request.as(BodyCodec.pipe(body)).send().compose(answer -> {
                if (answer.statusCode() != 200) {
                    return Future.failedFuture("status " + answer.statusCode());
                }
                return body.bytes().length() > MOST_BYTES
                        ? Future.failedFuture("an answer of more than " + MOST_BYTES / 1024 + " KiB")
                        : Future.succeededFuture(body.bytes().toString());
            });
        });
    }

    private Future<String> file(Path file) {
        return vertx.executeBlocking(() -> {
            try {
                return new String(SmallFile.read(file, MOST_BYTES), StandardCharsets.UTF_8);
            } catch (IOException unreadable) {
                throw new IOException(
                        file + " " + Objects.requireNonNullElse(unreadable.getMessage(), "cannot be read"));
            }
        }, false).map(text -> Objects.requireNonNull(text));
    }

    private static JWKSet parsed(String json) throws IOException {
        JWKSet keys;
        try {
            keys = JWKSet.parse(json).toPublicJWKSet();
        } catch (ParseException odd) {
            throw new IOException("not a JSON Web Key Set");
        }
        if (keys.isEmpty()) {
            throw new IOException("an empty set of keys");
        }
        return keys;
    }

    @Override
    public void close() {
        client.close();
    }
}
