package sluice.simulator.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.models.audio.speech.SpeechCreateParams;
import com.openai.models.audio.transcriptions.TranscriptionCreateParams;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.images.ImageEditParams;
import com.openai.models.images.ImageGenStreamEvent;
import com.openai.models.images.ImageGenerateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.vectorstores.VectorStore;
import com.openai.models.vectorstores.VectorStoreCreateParams;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.simulator.Caller;
import sluice.simulator.Simulator;
import sluice.simulator.wire.Content;

/** The official Java SDK with everything beyond plain text, again validating every answer. */
@Timeout(60)
class StoredObjectsTest {
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

    private static MultipartField<InputStream> part(byte[] bytes, String name) {
        return MultipartField.<InputStream>builder().value(new ByteArrayInputStream(bytes)).filename(name).build();
    }

    private FileObject upload(byte[] bytes) {
        return client.files().create(FileCreateParams.builder().purpose(FilePurpose.BATCH)
                .file(part(bytes, "lines.jsonl")).build());
    }

    private byte[] content(FileObject file) throws Exception {
        try (HttpResponse content = client.files().content(file.id())) {
            return content.body().readAllBytes();
        }
    }

    @Test
    void shortFileIsGivenBack() throws Exception {
        byte[] bytes = "{}\n".getBytes(StandardCharsets.UTF_8);
        FileObject file = upload(bytes);
        assertThat(file.bytes()).isEqualTo(3);
        assertThat(content(file)).isEqualTo(bytes);
        assertThat(client.files().list().data()).extracting(FileObject::id).containsExactly(file.id());
        assertThat(client.files().delete(file.id()).deleted()).isTrue();
        assertThatThrownBy(() -> client.files().retrieve(file.id())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void longFileIsCountedAndGivenBackAsZeros() throws Exception {
        byte[] bytes = new byte[Content.KEPT_MAX + 1];
        bytes[0] = 1;
        FileObject file = upload(bytes);
        assertThat(file.bytes()).isEqualTo(bytes.length);
        assertThat(caller.get("/v1/files/" + file.id(), "authorization", "Bearer " + Caller.KEY).body())
                .contains("\"sha256\":\"" + Content.of(Buffer.buffer(bytes)).sha256());
        assertThat(content(file)).isEqualTo(new byte[bytes.length]);
    }

    @Test
    void jobsAreKept() {
        FileObject file = upload(new byte[3]);
        Batch batch = client.batches().create(BatchCreateParams.builder().inputFileId(file.id())
                .endpoint(BatchCreateParams.Endpoint.V1_RESPONSES)
                .completionWindow(BatchCreateParams.CompletionWindow._24H).build());
        assertThat(client.batches().cancel(batch.id()).status()).isEqualTo(Batch.Status.CANCELLING);
        assertThat(client.batches().list().data()).hasSize(1);
        FineTuningJob job = client.fineTuning().jobs().create(
                JobCreateParams.builder().model("gpt-4o-mini").trainingFile(file.id()).build());
        assertThat(client.fineTuning().jobs().list().data()).extracting(FineTuningJob::id).containsExactly(job.id());
        assertThat(client.fineTuning().jobs().listEvents(job.id()).data()).hasSize(1);
        VectorStore store = client.vectorStores().create(VectorStoreCreateParams.builder().name("mine").build());
        assertThat(client.vectorStores().list().data()).hasSize(1);
        assertThat(client.vectorStores().delete(store.id()).deleted()).isTrue();
    }

    @Test
    void imagesAreMadeAndEdited() {
        ImageGenerateParams params = ImageGenerateParams.builder().model("gpt-image-1").prompt("a dot")
                .partialImages(1).build();
        assertThat(client.images().generate(params).usage().orElseThrow().totalTokens()).isPositive();
        try (StreamResponse<ImageGenStreamEvent> stream = client.images().generateStreaming(params)) {
            assertThat(stream.stream().map(ImageGenStreamEvent::isGenerationCompleted)).containsExactly(false, true);
        }
        assertThat(client.images().edit(ImageEditParams.builder().model("gpt-image-1").prompt("another").n(2)
                .image(MultipartField.<ImageEditParams.Image>builder().value(ImageEditParams.Image
                        .ofInputStream(new ByteArrayInputStream(new byte[9]))).filename("dot.png").build())
                .build()).data().orElseThrow()).hasSize(2);
    }

    @Test
    void soundIsMadeAndWrittenDown() throws Exception {
        try (HttpResponse sound = client.audio().speech().create(SpeechCreateParams.builder().model("tts-1")
                .voice("alloy").input("hello").build())) {
            byte[] bytes = sound.body().readAllBytes();
            assertThat(bytes).hasSize(20 * 1024);
            assertThat(client.audio().transcriptions().create(TranscriptionCreateParams.builder()
                    .model("gpt-4o-transcribe").file(part(bytes, "hello.mp3")).build()).asTranscription().text())
                    .startsWith("answer-");
        }
    }

    @Test
    void responseIsKeptAndStreamedOnceMore() throws Exception {
        Response response = client.responses().create(ResponseCreateParams.builder().model("gpt-4o").input("hello")
                .background(true).build());
        assertThat(response.status().orElseThrow().asString()).isEqualTo("queued");
        assertThat(client.responses().retrieve(response.id()).status().orElseThrow().asString())
                .isEqualTo("completed");
        String again = caller.get("/v1/responses/" + response.id() + "?stream=true&starting_after=25",
                "authorization", "Bearer " + Caller.KEY).body();
        assertThat(again).startsWith("event: response.output_item.done\n").contains("event: response.completed\n");
        assertThat(List.of(caller.simulator.statistics().accepted("main"))).containsExactly(1L);
        client.responses().delete(response.id());
        assertThatThrownBy(() -> client.responses().retrieve(response.id())).isInstanceOf(NotFoundException.class);
    }
}
