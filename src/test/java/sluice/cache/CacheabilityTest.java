package sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cache.AnswerCache.Mode;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.openai.EnvelopeReader;
import sluice.openai.MalformedBody;

class CacheabilityTest {

    private static boolean allows(Mode mode, Endpoint endpoint, String body) throws MalformedBody {
        Envelope envelope = EnvelopeReader.read(body.getBytes(UTF_8), endpoint);
        return Cacheability.allows(mode, endpoint, envelope, envelope.model() == null ? "m" : envelope.model());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            // endpoint|body|deterministic|identical
            "CHAT_COMPLETIONS|{\"model\":\"m\"}|false|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"temperature\":0}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"temperature\":1}|false|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"stream\":true,\"seed\":1}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"tools\":[{\"type\":\"function\"}]}|false|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"functions\":[]}|false|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"store\":false}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"store\":null}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"store\":true}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"tools\":[{\"type\":\"web_search\"}]}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"web_search_options\":{}}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"gpt-4o-search-preview\",\"seed\":1}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"gpt-4o-mini-search-preview-2025-03-11\",\"seed\":1}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"audio\":{}}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"modalities\":[\"audio\"]}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"messages\":[{\"image_url\":\"http://x\"}]}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"messages\":[{\"image_url\":\"data:x\"}]}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"messages\":[{\"file_id\":\"f\"}]}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"prompt_cache_options\":{\"mode\":\"x\",\"ttl\":\"30m\"}}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"prompt_cache_options\":{\"prewarm\":true}}|false|false",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"prompt_cache_options\":{\"prewarm\":false,\"comparison_response_id\":null}}|true|true",
            "CHAT_COMPLETIONS|{\"model\":\"m\",\"seed\":1,\"prompt_cache_options\":{\"comparison_response_id\":\"r\"}}|false|false",
            "COMPLETIONS|{\"model\":\"m\",\"prompt\":\"p\"}|false|true",
            "COMPLETIONS|{\"model\":\"m\",\"prompt\":\"p\",\"temperature\":0}|true|true",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":null}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":true}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false}|true|true",
            "RESPONSES|{\"model\":\"m\",\"store\":false}|false|true",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"background\":true}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"previous_response_id\":\"r\"}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"conversation\":\"c\"}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"prompt\":{\"id\":\"p\"}}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"tools\":[{\"type\":\"custom\"}]}|false|true",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"tools\":[{\"type\":\"mcp\"}]}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"input\":[{\"type\":\"item_reference\"}]}|false|false",
            "RESPONSES|{\"model\":\"m\",\"temperature\":0,\"store\":false,\"input\":[{\"input_audio\":{}}]}|false|false",
            "EMBEDDINGS|{\"model\":\"m\",\"input\":\"x\"}|true|true",
            "MODERATIONS|{\"model\":\"m\",\"input\":\"x\"}|true|true",
            "MODERATIONS|{\"input\":\"x\"}|false|true",
            "MODELS|{}|false|false"})
    void tableOfCalls(Endpoint endpoint, String body, boolean deterministic, boolean identical) throws MalformedBody {
        assertThat(allows(Mode.OFF, endpoint, body)).as("off").isFalse();
        assertThat(allows(Mode.DETERMINISTIC, endpoint, body)).as("deterministic").isEqualTo(deterministic);
        assertThat(allows(Mode.IDENTICAL, endpoint, body)).as("identical").isEqualTo(identical);
    }

    @ParameterizedTest
    @EnumSource
    void whateverDeterministicAllowsIdenticalAllowsToo(Endpoint endpoint) throws MalformedBody {
        for (String body : new String[]{"{}", "{\"seed\":1}", "{\"store\":false,\"seed\":1}", "{\"model\":\"x\"}"}) {
            assertThat(allows(Mode.DETERMINISTIC, endpoint, body) && !allows(Mode.IDENTICAL, endpoint, body)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o-2024-08-06", "gpt-4-0613", "gpt-3.5-turbo-1106", "gpt-4-0125-preview",
            "gpt-4o-mini-2024-07-18", "ft:gpt-4o-mini:acme::abc"})
    void modelWithADateIsKeptAsConfigured(String model) {
        assertThat(Cacheability.ttl(Duration.ofDays(3), model)).isEqualTo(Duration.ofDays(3));
        assertThat(Cacheability.ttl(Duration.ofMinutes(1), model)).isEqualTo(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o", "gpt-4o-mini", "o3", "chatgpt-4o-latest", "text-embedding-3-small",
            "omni-moderation-latest",
            "gpt-5-12345", "", "2024-08-06"})
    void aliasIsKeptForTenMinutesAtMost(String model) {
        assertThat(Cacheability.ttl(Duration.ofDays(3), model)).isEqualTo(Duration.ofMinutes(10));
        assertThat(Cacheability.ttl(Duration.ofMinutes(9), model)).isEqualTo(Duration.ofMinutes(9));
    }
}
