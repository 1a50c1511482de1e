package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an answer says it has made is found, in pieces of any size, and what a caller has sent is not taken for it. */
@SuppressWarnings("StringConcatToTextBlock") // line ends matter
class MadeObjectsTest {

    private static List<String> found(Endpoint endpoint, String method, String target, String answer, int size) {
        List<String> found = new ArrayList<>();
        MadeObjects made = new MadeObjects(endpoint, StoredRoute.of(target), method, false,
                (kind, id) -> found.add(kind + " " + id));
        Buffer all = Buffer.buffer(answer.replace('\'', '"'));
        for (int from = 0; from < all.length(); from += size) {
            made.accept(all.getBuffer(from, Math.min(all.length(), from + size)));
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "FILE|POST|/files|{'object':'file','id':'file-1','bytes':2}|files file-1",
            "FILE|GET|/files/file-1|{'id':'file-1'}|",
            "RESPONSES|POST|/responses|{'id':'resp_1','metadata':{'id':'resp_2','container_id':'c'},'output':[{'id':'m'}]}"
                    + "|responses resp_1",
            "RESPONSES|POST|/responses|{'id':'r','output':[{'type':'x','container_id':'cntr_1'}]}|responses r,containers cntr_1",
            "RESPONSES|POST|/responses|event: response.created~data: {'type':'x','response':{'id':'resp_1'}}~~|responses resp_1",
            "BATCHES|GET|/batches/b|{'id':'b','output_file_id':'f1','error_file_id':null,'metadata':{'output_file_id':'x'}}"
                    + "|files f1",
            "FINE_TUNINGS|GET|/fine_tuning/jobs/j|{'result_files':['f1','f2'],'fine_tuned_model':'ft:m'}|files f1,files f2,models ft:m",
            "THREADS_RUNS|POST|/threads/runs|{'id':'run_1','thread_id':'thread_1'}|threads thread_1",
            "THREADS|POST|/threads/t/messages|{'id':'msg_1'}|",
            "UPLOADS|POST|/uploads/u/complete|{'id':'u','file':{'id':'file-9'}}|files file-9",
            "VIDEO_REMIXES|POST|/videos/v/remix|{'id':'video_2'}|videos video_2",
            "LIVE_CALLS|POST|/live/sessions|{'session':{'id':'live_1'}}|live/sessions live_1",
            "AGENT_INVOCATIONS|POST|/agents/automations/a/invocations|{'id':'i','session_id':'s'}|agents/sessions s",
            "FILE|POST|/files|{'a':'\\'id\\':\\'x\\'','id':'file-1'}|files file-1",
            "FILE|POST|/files|{'data':[{'id':'x'}]}|"})
    void isFoundWhereTheApiPutsIt(Endpoint endpoint, String method, String target, String answer, String expected) {
        for (int size : new int[]{1, 7, 1000}) {
            assertThat(String.join(",", found(endpoint, method, target, answer.replace('~', '\n'), size)))
                    .as("pieces of " + size).isEqualTo(expected == null ? "" : expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "}}}}", "[[[[[[[[", "{'id'", "{'id':", "\"\"\"",
            "{'a':{'b':{'c':{'d':{'e':{'id':'x'}}}}}}"})
    void nothingIsFoundInWhatIsNone(String answer) {
        assertThat(found(Endpoint.FILE, "POST", "/files", answer, 3)).isEmpty();
    }
}
