package sluice.simulator.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.models.beta.assistants.AssistantCreateParams;
import com.openai.models.beta.assistants.AssistantStreamEvent;
import com.openai.models.beta.threads.ThreadCreateAndRunParams;
import com.openai.models.beta.threads.ThreadCreateParams;
import com.openai.models.beta.threads.messages.Message;
import com.openai.models.beta.threads.messages.MessageCreateParams;
import com.openai.models.beta.threads.messages.MessageListParams;
import com.openai.models.beta.threads.runs.Run;
import com.openai.models.beta.threads.runs.RunCancelParams;
import com.openai.models.beta.threads.runs.RunCreateParams;
import com.openai.models.beta.threads.runs.RunStatus;
import com.openai.models.beta.threads.runs.steps.StepListParams;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.simulator.Caller;
import sluice.simulator.Simulator;
import sluice.simulator.answers.Prose;

/** The official Java SDK talks to an assistant and validates every answer. */
@SuppressWarnings("deprecation") // The API is, and is still used.
@Timeout(60)
class AssistantsTest {
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

    private String assistant() {
        return client.beta().assistants().create(AssistantCreateParams.builder().model("gpt-4o").build()).id();
    }

    private List<Message> messages(String thread) {
        return client.beta().threads().messages().list(thread, MessageListParams.builder()
                .order(MessageListParams.Order.ASC).build()).data();
    }

    private static String words(Message message) {
        return message.content().getFirst().asText().text().value();
    }

    @Test
    void runLeavesItsAnswerInTheThread() {
        String thread = client.beta().threads().create(ThreadCreateParams.builder()
                .addMessage(ThreadCreateParams.Message.builder().role(ThreadCreateParams.Message.Role.USER)
                        .content("Good ").build())
                .build()).id();
        client.beta().threads().messages().create(thread, MessageCreateParams.builder()
                .role(MessageCreateParams.Role.USER).content("morning").build());
        Run run = client.beta().threads().runs().create(thread, RunCreateParams.builder().assistantId(assistant())
                .addAdditionalMessage(RunCreateParams.AdditionalMessage.builder()
                        .role(RunCreateParams.AdditionalMessage.Role.USER).content("!").build())
                .build()).validate();
        assertThat(run.status()).isEqualTo(RunStatus.COMPLETED);
        List<Message> messages = messages(thread);
        assertThat(messages).extracting(AssistantsTest::words).startsWith("Good ", "morning", "!").hasSize(4);
        Message answer = messages.getLast().validate();
        assertThat(words(answer)).startsWith(Prose.marker("Good morning!"));
        assertThat(answer.runId()).contains(run.id());
        assertThat(client.beta().threads().runs().steps().list(run.id(), StepListParams.builder().threadId(thread)
                .build()).data()).singleElement().satisfies(step -> assertThat(
                        step.validate().stepDetails().asMessageCreation().messageCreation().messageId())
                        .isEqualTo(answer.id()));
        assertThatThrownBy(() -> client.beta().threads().runs().cancel(run.id(), RunCancelParams.builder()
                .threadId(thread).build())).isInstanceOf(BadRequestException.class);
    }

    @Test
    void streamedRunLeavesWhatItStreamed() {
        StringBuilder streamed = new StringBuilder();
        try (StreamResponse<AssistantStreamEvent> stream = client.beta().threads()
                .createAndRunStreaming(ThreadCreateAndRunParams.builder().assistantId(assistant())
                        .thread(ThreadCreateAndRunParams.Thread.builder()
                                .addMessage(ThreadCreateAndRunParams.Thread.Message.builder()
                                        .role(ThreadCreateAndRunParams.Thread.Message.Role.USER).content("hello")
                                        .build())
                                .build())
                        .build())) {
            stream.stream().forEach(event -> {
                if (event.isThreadMessageDelta()) {
                    streamed.append(event.asThreadMessageDelta().data().delta().content().orElseThrow().getFirst()
                            .asText().text().orElseThrow().value().orElseThrow());
                } else if (event.isThreadRunCompleted()) {
                    assertThat(words(messages(event.asThreadRunCompleted().data().threadId()).getLast()))
                            .isEqualTo(streamed.toString());
                }
            });
        }
        assertThat(streamed).startsWith(Prose.marker("hello"));
    }

    @Test
    void contentMayComeInParts() throws Exception {
        String thread = caller.json("/v1/threads", "{}").getString("id");
        caller.post("/v1/threads/" + thread + "/messages", "{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                + "\"text\":\"look\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.com/a.png\"}}]}");
        assertThat(messages(thread).getFirst().validate().content()).hasSize(2);
        assertThat(caller.post("/v1/threads/" + thread + "/messages", "{\"role\":\"user\"}").statusCode())
                .isEqualTo(400);
    }
}
