package sluice.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/**
 * One OpenAI organisation or project. The quota is the account's: its keys are only credentials and add none.
 *
 * @param name         how it is called in logs and metrics
 * @param keys         any of which opens it; never empty
 * @param organization sent as {@code openai-organization}, where set
 * @param project      sent as {@code openai-project}, where set
 */
public record Account(String name, List<ApiKey> keys, Optional<String> organization, Optional<String> project) {

    public Account {
        keys = List.copyOf(keys);
    }

    /** Adds what opens the account to a request's headers. */
    public void open(MultiMap headers, ApiKey key) {
        headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + key.value());
        organization.ifPresent(value -> headers.set("openai-organization", value));
        project.ifPresent(value -> headers.set("openai-project", value));
    }
}
