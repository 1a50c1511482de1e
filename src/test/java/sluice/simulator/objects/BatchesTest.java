package sluice.simulator.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.batches.BatchError;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.simulator.Caller;
import sluice.simulator.Simulator;
import sluice.simulator.answers.Prose;

/** The official Java SDK runs batches from a file to their results. */
@Timeout(60)
class BatchesTest {
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

    private static String chat(String id, String body) {
        return "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":%s}\n".formatted(id,
                body);
    }

    private static String saying(String words) {
        return "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(words);
    }

    private static String any(String url) {
        return ("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"model\":\"m\",\"input\":\"x\","
                + "\"prompt\":\"x\"}}").formatted(url);
    }

    private Batch created(String lines, BatchCreateParams.Endpoint endpoint) {
        String file = client.files().create(FileCreateParams.builder().purpose(FilePurpose.BATCH)
                .file(MultipartField.<InputStream>builder().filename("lines.jsonl")
                        .value(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8))).build())
                .build()).id();
        return client.batches().create(BatchCreateParams.builder().inputFileId(file).endpoint(endpoint)
                .completionWindow(BatchCreateParams.CompletionWindow._24H).build());
    }

    private Batch ended(String lines, BatchCreateParams.Endpoint endpoint) {
        Batch batch = created(lines, endpoint);
        client.batches().retrieve(batch.id());
        return client.batches().retrieve(batch.id());
    }

    private List<JsonObject> content(String file) throws Exception {
        try (HttpResponse content = client.files().content(file)) {
            return new String(content.body().readAllBytes(), StandardCharsets.UTF_8).lines().map(JsonObject::new)
                    .toList();
        }
    }

    @Test
    void eachLookIsOneStepToTheEnd() {
        Batch batch = created(chat("a", saying("hi")),
                BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS);
        assertThat(batch.status()).isEqualTo(Batch.Status.VALIDATING);
        Batch begun = client.batches().retrieve(batch.id());
        assertThat(begun.status()).isEqualTo(Batch.Status.IN_PROGRESS);
        assertThat(begun.requestCounts().orElseThrow().total()).isEqualTo(1);
        Batch done = client.batches().retrieve(batch.id()).validate();
        assertThat(done.status()).isEqualTo(Batch.Status.COMPLETED);
        assertThat(client.batches().retrieve(batch.id()).outputFileId()).isEqualTo(done.outputFileId());
        assertThatThrownBy(() -> client.batches().cancel(batch.id())).isInstanceOf(BadRequestException.class);
    }

    @Test
    void answersAndRefusalsStandInFilesOfTheirOwn() throws Exception {
        Batch batch = ended(chat("first", saying("hi"))
                + chat("bad", "{\"model\":\"gpt-4o\"}")
                + chat("streamed", saying("hi").replace("{\"model\"", "{\"stream\":true,\"model\""))
                + chat("last", saying("bye")), BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS);
        assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(2);
        assertThat(batch.requestCounts().orElseThrow().failed()).isEqualTo(2);
        assertThat(batch.usage().orElseThrow().totalTokens()).isPositive();
        List<JsonObject> answers = content(batch.outputFileId().orElseThrow());
        assertThat(answers).extracting(line -> line.getString("custom_id")).containsExactly("first", "last");
        assertThat(answers.getFirst().getJsonObject("response").getInteger("status_code")).isEqualTo(200);
        assertThat(answers.getFirst().encode()).contains(Prose.marker("hi"));
        List<JsonObject> refusals = content(batch.errorFileId().orElseThrow());
        assertThat(refusals).extracting(line -> line.getString("custom_id")).containsExactly("bad", "streamed");
        assertThat(refusals).allSatisfy(line -> assertThat(line.getJsonObject("response").getInteger("status_code"))
                .isEqualTo(400));
        assertThat(refusals.getFirst().getJsonObject("response").getJsonObject("body").getJsonObject("error")
                .getString("param")).isEqualTo("messages");
        assertThat(caller.simulator.statistics().accepted("main")).as("quota is not spent").isZero();
    }

    @Test
    void everyKindOfCallIsAnswered() throws Exception {
        for (BatchCreateParams.Endpoint endpoint : List.of(BatchCreateParams.Endpoint.V1_RESPONSES,
                BatchCreateParams.Endpoint.V1_EMBEDDINGS, BatchCreateParams.Endpoint.V1_COMPLETIONS,
                BatchCreateParams.Endpoint.V1_MODERATIONS, BatchCreateParams.Endpoint.V1_IMAGES_GENERATIONS)) {
            Batch batch = ended(any(endpoint.asString()), endpoint);
            assertThat(content(batch.outputFileId().orElseThrow())).as(endpoint.asString()).hasSize(1);
            assertThat(batch.errorFileId()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{ | invalid_json_line", "'' | empty_file",
            "{\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{}} | missing_required_parameter",
            "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/embeddings\"} | missing_required_parameter",
            "{\"custom_id\":\"a\",\"method\":\"GET\",\"url\":\"/v1/embeddings\",\"body\":{}} | invalid_method",
            "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/responses\",\"body\":{}} | invalid_url"})
    void fileOfWhichALineIsNoRequestFailsAsAWhole(String line, String code) {
        String good = "{\"custom_id\":\"ok\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{}}\n";
        Batch batch = ended(line.isEmpty() ? "\n" : good + line, BatchCreateParams.Endpoint.V1_EMBEDDINGS);
        assertThat(batch.status()).isEqualTo(Batch.Status.FAILED);
        BatchError error = batch.errors().orElseThrow().data().orElseThrow().getFirst();
        assertThat(error.code()).contains(code);
        assertThat(error.line()).isEqualTo(line.isEmpty() ? Optional.empty() : Optional.of(2L));
        assertThat(batch.outputFileId()).isEmpty();
    }

    @Test
    void batchIsCancelled() {
        Batch batch = created("{}", BatchCreateParams.Endpoint.V1_EMBEDDINGS);
        assertThat(client.batches().cancel(batch.id()).status()).isEqualTo(Batch.Status.CANCELLING);
        assertThat(client.batches().retrieve(batch.id()).status()).isEqualTo(Batch.Status.CANCELLED);
    }
}
