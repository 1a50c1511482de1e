package sluice.litellm;

import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * A configuration to try first: its accounts are those of a stand-in for OpenAI, and nothing of production is needed, no
 * key, Redis or admin token.
 */
final class Trial {
    private Trial() {}

    /**
     * Changes a configuration into one for a trial.
     *
     * @param url the stand-in's base URL
     * @return the command that starts the stand-in
     */
    static String of(Map<String, Object> config, URI url) {
        config.remove("admin");
        config.remove("redis");
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

    @SuppressWarnings("unchecked") // Accounts writes them
    private static Map<String, Object> account(Object entry) {
        return (Map<String, Object>) entry;
    }
}
