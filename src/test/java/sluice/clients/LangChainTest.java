package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.TestGateway;

/** LangChain4j streams a chat that calls a tool. */
@Timeout(60)
class LangChainTest {
    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @Test
    void chatCallsItsToolAndGoesOn() throws Exception {
        gateway.start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"] }]
                """);
        StreamingChatModel model = OpenAiStreamingChatModel.builder().baseUrl(gateway.baseUrl())
                .apiKey(gateway.key("BOT")).modelName("gpt-4o-mini").build();
        List<ChatMessage> messages = new ArrayList<>(List.of(UserMessage.from("How is the weather in Oslo?")));
        AiMessage first = answer(model, messages);
        ToolExecutionRequest wanted = first.toolExecutionRequests().getFirst();
        assertThat(wanted.name()).isEqualTo("weather");
        assertThat(wanted.arguments()).contains("\"city\":\"answer-");
        messages.add(first);
        messages.add(ToolExecutionResultMessage.from(wanted, "sunny"));
        assertThat(answer(model, messages).text()).startsWith("answer-");
    }

    private static AiMessage answer(StreamingChatModel model, List<ChatMessage> messages) throws Exception {
        ToolSpecification weather = ToolSpecification.builder().name("weather")
                .parameters(JsonObjectSchema.builder().addStringProperty("city").build()).build();
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        model.chat(ChatRequest.builder().messages(messages).toolSpecifications(weather).build(),
                new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String text) {}

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        whole.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        whole.completeExceptionally(error);
                    }
                });
        ChatResponse response = whole.get(20, TimeUnit.SECONDS);
        assertThat(response.tokenUsage().totalTokenCount()).isPositive();
        return response.aiMessage();
    }
}
