package sluice.simulator.answers;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.moderations.ModerationCreateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.simulator.Caller;
import sluice.simulator.Simulator;

/** The official Java SDK, set to validate every answer, accepts them all. */
@Timeout(60)
class OfficialSdkTest {
    private Caller caller;
    private OpenAIClient client;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults());
        client = caller.sdk();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        caller.close();
    }

    private static ChatCompletionCreateParams chat() {
        return ChatCompletionCreateParams.builder().model("gpt-4o").addUserMessage("hello").build();
    }

    private static ResponseCreateParams response() {
        return ResponseCreateParams.builder().model("gpt-4o").instructions("Be brief.").input("hello").build();
    }

    @Test
    void readsChat() {
        ChatCompletion answer = client.chat().completions().create(chat());
        answer.validate();
        assertThat(answer.choices().getFirst().message().content().orElseThrow()).startsWith(Prose.marker("hello"));
    }

    @Test
    void readsAStreamOfChat() {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(chat())) {
            stream.stream().forEach(chunk -> whole.accumulate(chunk.validate()));
        }
        assertThat(whole.chatCompletion().choices().getFirst().message().content().orElseThrow())
                .startsWith(Prose.marker("hello"));
    }

    @Test
    void readsResponses() {
        Response answer = client.responses().create(response());
        answer.validate();
        assertThat(answer.output().getFirst().asMessage().content().getFirst().asOutputText().text())
                .startsWith(Prose.marker("Be brief.hello"));
    }

    @Test
    void readsAStreamOfResponses() {
        ResponseAccumulator whole = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> stream = client.responses().createStreaming(response())) {
            stream.stream().forEach(event -> whole.accumulate(event.validate()));
        }
        assertThat(whole.response().validate().usage().orElseThrow().outputTokens()).isPositive();
    }

    /** What an answer is to hold. */
    static final class Person {
        public String name = "";
        public int age;
        public List<String> friends = List.of();
    }

    @Test
    void readsStructuredAnswers() {
        Person chatted = client.chat().completions().create(ChatCompletionCreateParams.builder().model("gpt-4o")
                .addUserMessage("hello").responseFormat(Person.class).build()).choices().getFirst().message().content()
                .orElseThrow();
        assertThat(chatted.name).isEqualTo(Prose.marker("hello"));
        assertThat(chatted.friends).hasSize(1);
        Person responded = client.responses().create(ResponseCreateParams.builder().model("gpt-4o").input("hello")
                .text(Person.class).build()).output().getFirst().asMessage().content().getFirst().asOutputText();
        assertThat(responded.name).isEqualTo(Prose.marker("hello"));
    }

    @Test
    void readsLogprobs() {
        ChatCompletion answer = client.chat().completions().create(ChatCompletionCreateParams.builder().model("gpt-4o")
                .addUserMessage("hello").logprobs(true).topLogprobs(3).build()).validate();
        assertThat(answer.choices().getFirst().logprobs().orElseThrow().content().orElseThrow().getFirst()
                .topLogprobs()).hasSize(3);
        assertThat(client.completions().create(CompletionCreateParams.builder().model("gpt-3.5-turbo-instruct")
                .prompt("hello").logprobs(2).build()).validate().choices().getFirst().logprobs().orElseThrow().tokens()
                .orElseThrow()).isNotEmpty();
    }

    @Test
    void readsTheRest() {
        assertThat(client.embeddings().create(EmbeddingCreateParams.builder().model("text-embedding-3-small")
                .input("hello").build()).validate().data().getFirst().embedding()).hasSize(1536);
        assertThat(client.moderations().create(ModerationCreateParams.builder().input("hello").build()).validate()
                .results()).hasSize(1);
        assertThat(client.completions().create(CompletionCreateParams.builder().model("gpt-3.5-turbo-instruct")
                .prompt("hello").build()).validate().choices()).hasSize(1);
        assertThat(client.models().list().data()).isNotEmpty().allSatisfy(model -> model.validate());
    }
}
