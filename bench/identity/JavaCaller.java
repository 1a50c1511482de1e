import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.credential.BearerTokenCredential;
import com.openai.errors.OpenAIException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What rotating.py does, by the SDK for Java. */
public final class JavaCaller {
    private JavaCaller() {}

    public static void main(String[] arguments) throws InterruptedException {
        JsonObject call = new JsonObject(arguments[0]);
        Path file = Path.of(call.getString("file"));
        Set<String> tokens = ConcurrentHashMap.newKeySet();
        OpenAIClient client = OpenAIOkHttpClient.builder().baseUrl(call.getString("base"))
                .credential(BearerTokenCredential.create(() -> {
                    String token = read(file);
                    tokens.add(token);
                    return token;
                })).build();
        int calls = 0;
        JsonArray failures = new JsonArray();
        for (long end = System.currentTimeMillis() + call.getLong("millis"); System.currentTimeMillis() < end; calls++) {
            try {
                client.chat().completions().create(ChatCompletionCreateParams.builder().model("gpt-4o-mini")
                        .addUserMessage("Java's question " + calls).build());
            } catch (OpenAIException failure) {
                failures.add(failure.toString());
            }
            Thread.sleep(call.getLong("pauseMillis"));
        }
        client.close();
        System.out.println(new JsonObject().put("calls", calls).put("failures", failures).put("tokens", tokens.size())
                .encode());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
