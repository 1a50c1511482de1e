package sluice.litellm;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A provider whose servers speak OpenAI's API.
 *
 * @param name as before the slash in {@code litellm_params.model}
 */
record Provider(String name) {
    static final Provider OPENAI = new Provider("openai");

    /** The variable that holds a key where the file has none. */
    private static final Map<String, String> KEYS = Map.ofEntries(Map.entry("openai", "OPENAI_API_KEY"),
            Map.entry("text-completion-openai", "OPENAI_API_KEY"), Map.entry("custom_openai", "OPENAI_API_KEY"),
            Map.entry("openai_like", "OPENAI_LIKE_API_KEY"), Map.entry("hosted_vllm", "HOSTED_VLLM_API_KEY"),
            Map.entry("lm_studio", "LM_STUDIO_API_KEY"), Map.entry("llamafile", "LLAMAFILE_API_KEY"),
            Map.entry("litellm_proxy", "LITELLM_PROXY_API_KEY"), Map.entry("azure", "AZURE_API_KEY"),
            Map.entry("azure_text", "AZURE_API_KEY"));
    private static final Set<String> OWN = Set.of("openai", "text-completion-openai");

    static Optional<Provider> of(String name) {
        String known = name.toLowerCase(Locale.ROOT);
        return KEYS.containsKey(known) ? Optional.of(new Provider(known)) : Optional.empty();
    }

    boolean isAzure() {
        return name.startsWith("azure");
    }

    /** Whether its models are OpenAI's own, unless an address says otherwise. */
    boolean isOpenAi() {
        return OWN.contains(name);
    }

    String keyVariable() {
        return KEYS.getOrDefault(name, "OPENAI_API_KEY");
    }

    /** The variable from which LiteLLM takes the address of a server that the file does not give. */
    String addressVariable() {
        return keyVariable().replace("_API_KEY", "_API_BASE");
    }

    /** A model's name at the provider: without words that only tell LiteLLM how to call it. */
    String bare(String model) {
        String rest = isAzure() ? model.replaceFirst("^(o_series|gpt5_series)/", "") : model;
        return isAzure() || isOpenAi() ? rest.replaceFirst("^responses/", "") : rest;
    }
}
