package sluice.net;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The subprotocol names that a WebSocket client offers; browsers, which cannot set headers, hide a key among them. */
public final class SubProtocols {
    private static final String HEADER = "sec-websocket-protocol";
    private static final String KEY = "openai-insecure-api-key.";

    /** What a name consists of (RFC 9110, section 5.6.2), at most 128 characters. */
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");

    /** What a key or the name of an account begins with or is announced by, anywhere in a name. */
    private static final List<String> CREDENTIALS = List.of("api-key", "api_key", "apikey", "sk-", "sk_", "ek_",
            "organization",
            "project", "org-", "proj_");

    private SubProtocols() {}

    /** The key among them, or null. */
    public static @Nullable String key(MultiMap headers) {
        for (String name : offered(headers)) {
            if (name.regionMatches(true, 0, KEY, 0, KEY.length())) {
                return name.substring(KEY.length());
            }
        }
        return null;
    }

    /** All that are valid names and cannot be credentials, in order. */
    public static List<String> passing(MultiMap headers) {
        return offered(headers).stream().filter(name -> NAME.matcher(name).matches() && !mayBeCredential(name))
                .toList();
    }

    private static boolean mayBeCredential(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return CREDENTIALS.stream().anyMatch(lower::contains);
    }

    private static List<String> offered(MultiMap headers) {
        List<String> names = new ArrayList<>();
        for (String header : headers.getAll(HEADER)) {
            for (String name : header.split(",", -1)) {
                names.add(name.strip());
            }
        }
        return names;
    }
}
