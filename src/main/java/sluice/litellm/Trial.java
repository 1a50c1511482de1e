package sluice.litellm;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A configuration to try first: its accounts are those of a stand-in for OpenAI, and nothing of production is needed, no
 * key, Redis or admin token.
 */
final class Trial {
    private static final String HOST = "127.0.0.1";
    private static final int PORT = 8080;
    private static final int ADMIN_PORT = 9090;

    /** Where the gateway listens for callers. */
    static final String LISTENS = HOST + ":" + PORT;

    /** Where its admin listener is. */
    static final String ADMIN = HOST + ":" + ADMIN_PORT;

    private Trial() {}

    /**
     * Changes a configuration into one for a trial.
     *
     * @param url the stand-in's base URL
     * @return the command that starts the stand-in
     */
    static String of(Map<String, Object> config, URI url) {
        Map<String, Object> rest = new LinkedHashMap<>(config);
        rest.keySet().removeAll(Set.of("admin", "redis"));
        config.clear();
        config.put("listen", listener(PORT));
        config.put("admin", listener(ADMIN_PORT));
        config.putAll(rest);
        if (config.get("cache") instanceof Map<?, ?> cache) {
            cache.remove("redis");
        }
        StringBuilder command = new StringBuilder("simulate --port " + url.getPort());
        if (config.get("upstream") instanceof Map<?, ?> upstream && upstream.get("accounts") instanceof List<?> list) {
            for (Object entry : list) {
                Map<String, Object> account = account(entry);
                String key = "sk-trial-" + account.get("name");
                account.keySet().removeAll(List.of("keys", "base-url", "key-header", "organization"));
                account.put("keys", List.of(key));
                account.put("base-url", url.toString());
                command.append(" --account ").append(account.get("name")).append('=').append(key).append(":rpm=")
                        .append(account.getOrDefault("rpm", 100));
            }
        }
        return command.toString();
    }

    private static Map<String, Object> listener(int port) {
        Map<String, Object> listener = new LinkedHashMap<>();
        listener.put("host", HOST);
        listener.put("port", port);
        return listener;
    }

    @SuppressWarnings("unchecked") // Accounts writes them
    private static Map<String, Object> account(Object entry) {
        return (Map<String, Object>) entry;
    }
}
