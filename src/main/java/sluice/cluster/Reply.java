package sluice.cluster;

import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.ArrayList;
import java.util.List;

/** What a script returned: a list of texts, numbers, and lists of texts. */
public record Reply(List<Object> parts) {

    /** Wraps what the Redis client read. */
    public static Reply of(Response response) {
        List<Object> parts = new ArrayList<>();
        for (int i = 0; i < response.size(); i++) {
            Response part = response.get(i);
            parts.add(part.type() == ResponseType.MULTI ? texts(part) : part.toString());
        }
        return new Reply(parts);
    }

    private static List<String> texts(Response response) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < response.size(); i++) {
            texts.add(response.get(i).toString());
        }
        return texts;
    }

    /** Whether the script did nothing, because the caller must first find out whether the store has lost its data. */
    boolean unsure() {
        return parts.getFirst().equals("?");
    }

    String text(int index) {
        return (String) parts.get(index);
    }

    long number(int index) {
        return Long.parseLong(text(index));
    }

    double decimal(int index) {
        return Double.parseDouble(text(index));
    }

    @SuppressWarnings("unchecked")
    List<String> texts(int index) {
        return (List<String>) parts.get(index);
    }
}
