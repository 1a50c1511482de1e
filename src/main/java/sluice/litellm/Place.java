package sluice.litellm;

import java.net.URI;
import java.util.Locale;

/**
 * Whose quota a deployment uses: a key at a server.
 *
 * @param key          as in the configuration
 * @param baseUrl      empty for OpenAI's own
 * @param organization empty for the key's own
 * @param azure        whether the key is sent as Azure wants it
 */
record Place(String key, String baseUrl, String organization, boolean azure) {

    /** A server's address as a base URL: none for OpenAI's, Azure's with the path at which it speaks OpenAI's API. */
    static String baseUrl(Provider provider, String address) {
        String plain = Variables.resolved(address).replaceFirst("/+$", "");
        if (provider.isAzure()) {
            return plain.replaceFirst("/openai(/v1|/deployments/.*)?$", "") + "/openai/v1";
        }
        return plain.equals("https://api.openai.com/v1") ? "" : plain;
    }

    /** Whether OpenAI itself answers there. */
    boolean isOpenAi() {
        return baseUrl.isEmpty() || host().equals("api.openai.com") || host().endsWith(".api.openai.com");
    }

    /** A name for logs and metrics: the host's, as far as it is known. */
    String name() {
        String host = host();
        if (!host.isEmpty()) {
            return host;
        }
        return azure ? "azure" : "openai";
    }

    private String host() {
        try {
            String host = URI.create(baseUrl).getHost();
            return host == null ? "" : host.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException inVariable) {
            return "";
        }
    }
}
