package sluice.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
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
import com.openai.models.images.ImageGenerateParams;
import com.openai.models.vectorstores.VectorStore;
import com.openai.models.vectorstores.VectorStoreCreateParams;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** The scenario of {@code routes.py} and {@code routes.js} with the SDK for Java. */
final class JavaRoutes implements Session.Scenario {
    private final Call call;

    JavaRoutes(Call call) {
        this.call = call;
    }

    @Override
    public void run(Consumer<JsonObject> say, CountDownLatch released) throws IOException {
        OpenAIClient client = OpenAIOkHttpClient.builder().baseUrl(call.get("base")).apiKey(call.get("key"))
                .responseValidation(true).build();
        try {
            say.accept(files(client).mergeIn(media(client))
                    .put("model", client.models().retrieve(call.get("model")).id()));
        } finally {
            client.close();
        }
    }

    private JsonObject files(OpenAIClient client) throws IOException {
        FileObject file = client.files().create(FileCreateParams.builder().purpose(FilePurpose.BATCH)
                .file(part("{}\n".getBytes(StandardCharsets.UTF_8), "lines.jsonl")).build());
        FineTuningJob job = client.fineTuning().jobs()
                .create(JobCreateParams.builder().model(call.get("model")).trainingFile(file.id()).build());
        Batch batch = client.batches().create(BatchCreateParams.builder().inputFileId(file.id())
                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H).build());
        VectorStore store = client.vectorStores().create(VectorStoreCreateParams.builder().name("mine").build());
        JsonObject seen = new JsonObject()
                .put("file", client.files().list().data().stream().anyMatch(one -> one.id().equals(file.id())))
                .put("fineTuning",
                        client.fineTuning().jobs().list().data().stream().anyMatch(one -> one.id().equals(job.id())))
                .put("batch", client.batches().list().data().stream().anyMatch(one -> one.id().equals(batch.id())))
                .put("vectorStore",
                        client.vectorStores().list().data().stream().anyMatch(one -> one.id().equals(store.id())))
                .put("vectorStoreDeleted", client.vectorStores().delete(store.id()).deleted());
        try (HttpResponse content = client.files().content(file.id())) {
            seen.put("content", new String(content.body().readAllBytes(), StandardCharsets.UTF_8));
        }
        return seen.put("fileDeleted", client.files().delete(file.id()).deleted());
    }

    private static JsonObject media(OpenAIClient client) throws IOException {
        String image = client.images().generate(ImageGenerateParams.builder().model("gpt-image-1").prompt("a dot")
                .build()).data().orElseThrow().getFirst().b64Json().orElseThrow();
        InputStream dot = new ByteArrayInputStream(Base64.getDecoder().decode(image));
        int edited = client.images().edit(ImageEditParams.builder().model("gpt-image-1").prompt("another")
                .image(MultipartField.<ImageEditParams.Image>builder().value(ImageEditParams.Image.ofInputStream(dot))
                        .filename("dot.png").contentType("image/png").build())
                .build()).data().orElseThrow().size();
        byte[] sound = speech(client);
        String text = client.audio().transcriptions().create(TranscriptionCreateParams.builder()
                .model("gpt-4o-transcribe").file(part(sound, "hello.mp3")).build()).asTranscription().text();
        return new JsonObject().put("image", 1).put("edited", edited).put("speech", sound.length)
                .put("transcription", text.substring(0, text.indexOf('-')));
    }

    private static byte[] speech(OpenAIClient client) throws IOException {
        try (HttpResponse sound = client.audio().speech().create(
                SpeechCreateParams.builder().model("tts-1").voice("alloy").input("hello").build())) {
            return sound.body().readAllBytes();
        }
    }

    private static MultipartField<InputStream> part(byte[] bytes, String name) {
        return MultipartField.<InputStream>builder().value(new ByteArrayInputStream(bytes)).filename(name).build();
    }
}
