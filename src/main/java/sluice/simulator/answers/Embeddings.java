package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** Embeddings: vectors of length 1 that depend only on the text. */
final class Embeddings {
    private static final int DIMENSIONS = 1536;

    private Embeddings() {}

    static JsonObject of(Call call) {
        int dimensions = call.body().getInteger("dimensions", DIMENSIONS);
        boolean base64 = "base64".equals(call.body().getValue("encoding_format"));
        JsonArray data = new JsonArray();
        for (String input : call.inputs()) {
            float[] vector = vector(input, dimensions);
            data.add(new JsonObject()
                    .put("object", "embedding")
                    .put("index", data.size())
                    .put("embedding", base64 ? base64(vector) : numbers(vector)));
        }
        return new JsonObject()
                .put("object", "list")
                .put("data", data)
                .put("model", call.model())
                .put("usage", new JsonObject().put("prompt_tokens", call.inputTokens())
                        .put("total_tokens", call.inputTokens()));
    }

    /** A vector of length 1 that depends only on the text. */
    private static float[] vector(String text, int dimensions) {
        long seed = Prose.hash(text);
        double[] raw = new double[dimensions];
        double squares = 0;
        for (int i = 0; i < dimensions; i++) {
            raw[i] = (double) Prose.mix(seed + i) / Long.MAX_VALUE;
            squares += raw[i] * raw[i];
        }
        double length = Math.sqrt(squares);
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (raw[i] / length);
        }
        return vector;
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static JsonArray numbers(float[] vector) {
        JsonArray numbers = new JsonArray();
        for (float number : vector) {
            numbers.add(number);
        }
        return numbers;
    }
}
