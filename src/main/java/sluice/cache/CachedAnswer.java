package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import sluice.openai.Served;

/**
 * A complete 200 answer.
 *
 * @param headers those that describe the body, in order
 * @param body    the whole body
 * @param served  what it said of its model call
 */
public record CachedAnswer(List<Map.Entry<String, String>> headers, Buffer body, Served served) {}
