package sluice.clients;

import com.google.errorprone.annotations.MustBeClosed;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.HttpResponseFor;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionUsage;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import com.openai.models.moderations.ModerationCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The scenarios of the scripts with the SDK for Java. */
final class JavaClient implements Session.Scenario {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Call call;

    JavaClient(Call call) {
        this.call = call;
    }

    @Override
    public void run(Consumer<JsonObject> say, CountDownLatch released) throws Exception {
        OpenAIClient client = OpenAIOkHttpClient.builder().baseUrl(call.get("base")).apiKey(call.get("key"))
                .responseValidation(call.get("scenario").equals("answers")).build();
        try {
            switch (call.get("scenario")) {
                case "answers" -> say.accept(answers(client));
                case "ask" -> say.accept(ask(client));
                case "models" -> say.accept(new JsonObject().put("models", models(client)));
                case "stream" -> say.accept(stream(client, say));
                case "leave" -> leave(client, say, released);
                default -> throw new IllegalArgumentException(call.get("scenario"));
            }
        } finally {
            client.close();
        }
    }

    private ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder().model(call.get("model")).addUserMessage(call.get("prompt"));
    }

    private ResponseCreateParams responseQuestion() {
        return ResponseCreateParams.builder().model(call.get("model")).input(call.get("prompt")).build();
    }

    private JsonObject answers(OpenAIClient client) {
        return new JsonObject()
                .put("chat", chat(client))
                .put("chatAgain", chat(client))
                .put("chatStream", chatStream(client, question().build()))
                .put("chatStreamAgain", chatStream(client, question().build()))
                .put("chatStreamUsage", chatStream(client, question()
                        .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build()))
                .put("embedding", client.embeddings().create(EmbeddingCreateParams.builder()
                        .model("text-embedding-3-small").input("hello").build()).data().getFirst().embedding().size())
                .put("moderation", client.moderations().create(ModerationCreateParams.builder().input("hello").build())
                        .results().getFirst().flagged())
                .put("response", client.responses().create(responseQuestion()).output().getFirst().asMessage().content()
                        .getFirst().asOutputText().text())
                .put("responseStream", responseStream(client))
                .put("models", models(client));
    }

    private JsonObject chat(OpenAIClient client) {
        try (HttpResponseFor<ChatCompletion> raw = client.withRawResponse().chat().completions()
                .create(question().build())) {
            return new JsonObject().put("text", raw.parse().choices().getFirst().message().content().orElseThrow())
                    .put("cache", raw.headers().values("x-sluice-cache").getFirst());
        }
    }

    private static JsonObject chatStream(OpenAIClient client, ChatCompletionCreateParams params) {
        StringBuilder text = new StringBuilder();
        JsonObject seen = new JsonObject().putNull("usage");
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(params)) {
            stream.stream().forEach(chunk -> {
                chunk.choices().forEach(choice -> text.append(choice.delta().content().orElse("")));
                chunk.usage().map(CompletionUsage::totalTokens).ifPresent(tokens -> seen.put("usage", tokens));
            });
        }
        return seen.put("text", text.toString());
    }

    private JsonObject responseStream(OpenAIClient client) {
        StringBuilder text = new StringBuilder();
        JsonObject seen = new JsonObject();
        try (StreamResponse<ResponseStreamEvent> stream = client.responses().createStreaming(responseQuestion())) {
            stream.stream().forEach(event -> {
                event.outputTextDelta().ifPresent(delta -> text.append(delta.delta()));
                seen.put("end", event.isCompleted() ? "response.completed" : "another");
            });
        }
        return seen.put("text", text.toString());
    }

    private JsonObject ask(OpenAIClient client) {
        long began = System.nanoTime();
        try {
            return chat(client);
        } catch (OpenAIException error) {
            return failure(error).put("seconds", (System.nanoTime() - began) / NANOS_PER_SECOND);
        }
    }

    private static JsonArray models(OpenAIClient client) {
        return new JsonArray(client.models().list().data().stream().map(Model::id).toList());
    }

    @MustBeClosed
    private StreamResponse<?> opened(OpenAIClient client) {
        return call.get("api").equals("responses")
                ? client.responses().createStreaming(responseQuestion())
                : client.chat().completions().createStreaming(question().build());
    }

    private JsonObject stream(OpenAIClient client, Consumer<JsonObject> say) {
        int chunks = 0;
        try (StreamResponse<?> stream = opened(client); Stream<?> all = stream.stream()) {
            for (Iterator<?> events = all.iterator(); events.hasNext(); events.next()) {
                if (chunks++ == 0) {
                    say.accept(new JsonObject().put("event", "first"));
                }
            }
            return new JsonObject().put("chunks", chunks);
        } catch (RuntimeException error) {
            return failure(error).put("chunks", chunks);
        }
    }

    private void leave(OpenAIClient client, Consumer<JsonObject> say, CountDownLatch released)
            throws InterruptedException {
        long at;
        try (StreamResponse<?> stream = opened(client); Stream<?> all = stream.stream()) {
            all.iterator().next();
            at = System.currentTimeMillis();
        }
        say.accept(new JsonObject().put("event", "closed").put("at", at));
        released.await();
    }

    private static JsonObject failure(RuntimeException error) {
        JsonObject failure = new JsonObject().put("error", error.getClass().getSimpleName())
                .put("ours", error instanceof OpenAIException).put("message", error.getMessage());
        return error instanceof OpenAIServiceException service
                ? failure.put("status", service.statusCode()).put("code", service.code().orElse(null))
                        .put("requestId", service.headers().values("x-request-id").stream().findFirst().orElse(null))
                : failure;
    }
}
