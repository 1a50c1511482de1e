package sluice.litellm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A configuration to try first: its accounts are those of a stand-in for OpenAI, and nothing of production is needed, no
 * key, Redis or admin token.
 *
 * @param at       where it takes place
 * @param accounts the stand-in's accounts, as its command line has them
 */
record Trial(Conversion.TrialAt at, List<String> accounts) {
    private static final String HOST = "127.0.0.1";

    /** Changes a configuration into one for a trial. */
    static Trial of(Map<String, Object> config, Conversion.TrialAt at) {
        Map<String, Object> rest = new LinkedHashMap<>(config);
        rest.keySet().removeAll(Set.of("admin", "redis"));
        config.clear();
        config.put("listen", listener(at.port()));
        config.put("admin", listener(at.adminPort()));
        config.putAll(rest);
        if (config.get("cache") instanceof Map<?, ?> cache) {
            cache.remove("redis");
        }
        List<String> accounts = new ArrayList<>();
        if (config.get("upstream") instanceof Map<?, ?> upstream && upstream.get("accounts") instanceof List<?> list) {
            for (Object entry : list) {
                Map<String, Object> account = account(entry);
                String key = "sk-trial-" + account.get("name");
                account.keySet().removeAll(List.of("keys", "base-url", "key-header", "organization"));
                account.put("keys", List.of(key));
                account.put("base-url", at.standIn().toString());
                accounts.add(account.get("name") + "=" + key + ":rpm=" + account.getOrDefault("rpm", 100)
                        + (account.containsKey("tpm") ? ",tpm=" + account.get("tpm") : ""));
            }
        }
        return new Trial(at, accounts);
    }

    /** Where everything listens, and the command that starts the stand-in. */
    List<String> notes() {
        return List.of("For a trial only. The gateway listens at " + HOST + ":" + at.port() + ", its admin listener at "
                + HOST + ":" + at.adminPort() + "; --port and --admin-port choose others. Start the stand-in first:",
                "java -jar target/sluice.jar simulate --port " + at.standIn().getPort() + " --account "
                        + String.join(" --account ", accounts));
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
