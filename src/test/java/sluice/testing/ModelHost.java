package sluice.testing;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An upstream that has some models: it answers calls for them, in JSON, as a stream or over WebSockets, and calls for any
 * other with 404, as OpenAI and Azure do. It lists them, too.
 */
public final class ModelHost {
    private static final Pattern IN_FORM = Pattern.compile("name=\"model\"\r\n\r\n([^\r]*)");

    private final Set<String> models;
    private final HttpServer server;
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger failures = new AtomicInteger();

    private ModelHost(Vertx vertx, Set<String> models) {
        this.models = Set.copyOf(models);
        this.server = vertx.createHttpServer().webSocketHandler(this::talk)
                .requestHandler(request -> request.body().onSuccess(body -> answer(request, body)))
                .listen(0, "127.0.0.1").await();
    }

    /** Listens on a free port. */
    public static ModelHost start(Vertx vertx, String... models) {
        return new ModelHost(vertx, Set.of(models));
    }

    /** The next calls are answered 503, so many of them. */
    public void fails(int times) {
        failures.set(times);
    }

    public String baseUrl() {
        return "http://127.0.0.1:" + server.actualPort() + "/v1";
    }

    /** The models of all calls so far, in order; a path for those without one. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    private void answer(HttpServerRequest request, Buffer body) {
        String model = model(request, body.toString());
        asked.add(model);
        request.response().putHeader("content-type", "application/json");
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            request.response().setStatusCode(503).end("{\"error\":{\"message\":\"overloaded\",\"code\":null}}");
        } else if (model.equals("/v1/models")) {
            request.response().end(new JsonObject().put("object", "list").put("data",
                    new JsonArray(models.stream().sorted().map(ModelHost::entry).toList())).encode());
        } else if (model.startsWith("/v1/models/") && models.contains(model.substring("/v1/models/".length()))) {
            request.response().end(entry(model.substring("/v1/models/".length())).encode());
        } else if (model.startsWith("/") && !model.startsWith("/v1/models/")) {
            request.response().end("{\"object\":\"list\",\"data\":[]}");
        } else if (!models.contains(model)) {
            request.response().setStatusCode(404).end("{\"error\":{\"message\":\"no such model\","
                    + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"model_not_found\"}}");
        } else if (body.toString().contains("\"stream\":true")) {
            request.response().putHeader("content-type", "text/event-stream")
                    .end("data: " + chat(model, "chat.completion.chunk") + "\n\ndata: [DONE]\n\n");
        } else {
            request.response().end(chat(model, "chat.completion").encode());
        }
    }

    private static JsonObject entry(String model) {
        return new JsonObject().put("id", model).put("object", "model").put("created", 1).put("owned_by", "host");
    }

    private static String model(HttpServerRequest request, String body) {
        if (body.startsWith("{")) {
            return new JsonObject(body).getString("model", "");
        }
        Matcher inForm = IN_FORM.matcher(body);
        return String.valueOf(inForm.find() ? inForm.group(1) : request.path());
    }

    private static JsonObject chat(String model, String object) {
        return new JsonObject().put("id", "chatcmpl-1").put("object", object).put("model", model).put("text", "Hello")
                .put("choices", new JsonArray().add(new JsonObject().put("index", 0).put("finish_reason", "stop")
                        .put("message", new JsonObject().put("role", "assistant").put("content", "Hello"))
                        .put("delta", new JsonObject().put("content", "Hello"))))
                .put("usage", new JsonObject().put("prompt_tokens", 1).put("completion_tokens", 1).put("total_tokens",
                        2));
    }

    /** Answers each {@code response.create} at once. */
    private void talk(ServerWebSocket socket) {
        asked.add(String.valueOf(socket.uri()).replaceFirst(".*/v1", ""));
        socket.textMessageHandler(text -> {
            JsonObject event = new JsonObject(text);
            asked.add(event.getString("model", event.getString("type")));
            String lane = event.getString("stream_id", "");
            JsonObject response = new JsonObject().put("id", "resp_" + asked.size()).put("status", "completed");
            socket.writeTextMessage(new JsonObject().put("type", "response.created").put("stream_id", lane)
                    .put("response", response).encode());
            socket.writeTextMessage(new JsonObject().put("type", "response.completed").put("stream_id", lane)
                    .put("response", response.copy().put("usage",
                            new JsonObject().put("input_tokens", 1).put("output_tokens", 1)))
                    .encode());
        });
    }
}
