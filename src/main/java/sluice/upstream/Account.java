package sluice.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import sluice.net.CertifiedKey;

/**
 * One OpenAI organization or project. The quota is the account's: its keys are only credentials and add none.
 *
 * @param name         its name in logs and metrics
 * @param baseUrl      absolute, {@code https} or {@code http}, without a trailing slash; its path precedes every route
 * @param keyHeader    how a key is sent
 * @param keys         any of which gives access; never empty
 * @param organization sent as {@code openai-organization}, if set
 * @param project      sent as {@code openai-project}, if set
 * @param certificate  presented to the account's host, if it asks for one
 */
public record Account(String name, URI baseUrl, KeyHeader keyHeader, List<ApiKey> keys, Optional<String> organization,
        Optional<String> project, Optional<CertifiedKey> certificate) {

    /** The header a key is sent in. */
    public enum KeyHeader {
        /** As a bearer token, as OpenAI and most compatible servers expect. */
        AUTHORIZATION,
        /** As it is, as Azure expects. */
        API_KEY
    }

    public Account {
        keys = List.copyOf(keys);
    }

    /** Adds the account's credentials to a request's headers. */
    public void open(MultiMap headers, ApiKey key) {
        switch (keyHeader) {
            case AUTHORIZATION -> headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + key.value());
            case API_KEY -> headers.set("api-key", key.value());
        }
        organization.ifPresent(value -> headers.set("openai-organization", value));
        project.ifPresent(value -> headers.set("openai-project", value));
    }

    boolean tls() {
        return baseUrl.getScheme().equals("https");
    }

    int port() {
        return baseUrl.getPort() > 0 ? baseUrl.getPort() : tls() ? 443 : 80;
    }

    String host() {
        return baseUrl.getHost();
    }

    /** The target of a request line: path and query after the base URL's path. */
    String uri(String target) {
        return baseUrl.getRawPath() + target;
    }

    /** Whether connections to one also serve the other. */
    boolean isAt(Account other) {
        return baseUrl.equals(other.baseUrl) && certificate.equals(other.certificate);
    }
}
