package sluice.testing;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Calls the admin API of one gateway, with one token or none. */
public final class AdminClient {
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String url;
    private final String token;

    /** @param token empty for none */
    public AdminClient(String url, String token) {
        this.url = url;
        this.token = token;
    }

    public HttpResponse<String> get(String path) {
        return send("GET", path, "");
    }

    public HttpResponse<String> post(String path, JsonObject body, String... headers) {
        return send("POST", path, body.encode(), headers);
    }

    public HttpResponse<String> patch(String path, JsonObject body) {
        return send("PATCH", path, body.encode());
    }

    public HttpResponse<String> delete(String path) {
        return send("DELETE", path, "");
    }

    /** Sends anything, and waits for the answer. */
    public HttpResponse<String> send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + "/admin/v1" + path))
                .method(method, BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The body of an answer of this status; fails with the answer if it has another. */
    public static JsonObject body(int status, HttpResponse<String> answer) {
        if (answer.statusCode() != status) {
            throw new AssertionError(answer.statusCode() + " in place of " + status + ": " + answer.body());
        }
        return new JsonObject(answer.body());
    }

    /** The error of an answer of this status. */
    public static JsonObject error(int status, HttpResponse<String> answer) {
        return body(status, answer).getJsonObject("error");
    }
}
