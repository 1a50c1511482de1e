package sluice.metrics;

import io.vertx.core.MultiMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The program that sends a call, according to its headers.
 *
 * @param agent its {@code user-agent}; empty if it sends none
 * @param sdk   the SDK of OpenAI that it uses, as {@code python/2.52.0}; empty if it uses none
 */
public record Software(String agent, String sdk) {
    /** It does not say. */
    public static final Software UNKNOWN = new Software("", "");

    private static final int LONGEST = 256;
    /** Keys do not belong in these headers, but callers may put them there. */
    private static final Pattern KEY = Pattern.compile("sk-[A-Za-z0-9_-]{8,}");

    /** By the headers of a request. */
    public static Software of(MultiMap headers) {
        String agent = bounded(headers.get("user-agent"));
        String language = bounded(headers.get("x-stainless-lang"));
        String sdk = language.isEmpty() ? "" : language + "/" + bounded(headers.get("x-stainless-package-version"));
        return agent.isEmpty() && sdk.isEmpty() ? UNKNOWN : new Software(agent, bounded(sdk));
    }

    private static String bounded(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String part = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        return part.contains("sk-") ? KEY.matcher(part).replaceAll("***") : part;
    }
}
