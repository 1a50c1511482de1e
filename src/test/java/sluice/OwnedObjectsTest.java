package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.Await;
import sluice.testing.TestGateway;

/** Two tenants of one account: what one has stored does not exist for the other, on any route and in no body. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // line ends matter
class OwnedObjectsTest {
    private static final String CLASSES = "[inference, stored-objects, files, fine-tuning, batch, agents, realtime]";
    private static final String TENANTS = """
            tenants:
              - { name: anna, plan: paid, keys: ["${ANNA}"], endpoints: %1$s }
              - { name: bert, plan: paid, keys: ["${BERT}"], endpoints: %1$s }
              - { name: carl, plan: paid, keys: ["${CARL}"] }
            """.formatted(CLASSES);
    private static final String MODEL = "gpt-4o-mini";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    /**
     * A kind of object.
     *
     * @param body   that makes one; {@code FILE} stands for a file of the same tenant
     * @param listed whether there is a list of them
     */
    private record Kind(String path, String body, boolean listed) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("responses", "{'model':'gpt-4o-mini','input':'hello'}", false),
            new Kind("chat/completions",
                    "{'model':'gpt-4o-mini','store':true,'messages':[{'role':'user','content':'hello'}]}", true),
            new Kind("conversations", "{}", false), new Kind("assistants", "{'model':'gpt-4o-mini'}", true),
            new Kind("threads", "{}", false), new Kind("containers", "{'name':'c'}", true),
            new Kind("skills", "{}", true), new Kind("videos", "{'model':'sora-2','prompt':'x'}", true),
            new Kind("audio/voice_consents", "{'name':'n'}", true), new Kind("audio/voices", "{'name':'n'}", false),
            new Kind("vector_stores", "{'name':'v'}", true),
            new Kind("uploads", "{'filename':'f','bytes':1,'purpose':'batch','mime_type':'text/plain'}", false),
            new Kind("fine_tuning/jobs", "{'model':'gpt-4o-mini','training_file':'FILE'}", true),
            new Kind("evals", "{}", true),
            new Kind("batches",
                    "{'input_file_id':'FILE','endpoint':'/v1/chat/completions','completion_window':'24h'}", true),
            new Kind("agents", "{'model':'gpt-4o-mini'}", true),
            new Kind("agents/sessions",
                    "{'environment':{'type':'none'},'agent':{'model':'gpt-4o-mini'},'input':'hello'}", true),
            new Kind("agents/environments", "{'environment':{'type':'openai_hosted'}}", true),
            new Kind("agents/environments/templates", "{}", true),
            new Kind("agents/automations", "{'name':'n','type':'once','run_at':1,'target':{}}", true));

    private HttpResponse<String> call(String method, String path, String keyName, String body) {
        return gateway.send(gateway.request("/" + path, gateway.key(keyName)).method(method,
                body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    private String make(String path, String keyName, String body) {
        HttpResponse<String> made = call("POST", path, keyName, body.replace('\'', '"'));
        assertThat(made.statusCode()).as(path + ": " + made.body()).isBetween(200, 201);
        return new JsonObject(made.body()).getString("id");
    }

    private String file(String keyName) {
        String form = "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--B\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"f.jsonl\"\r\n\r\n{}\n\r\n--B--\r\n";
        HttpResponse<String> made = gateway.send(gateway.request("/files", gateway.key(keyName))
                .setHeader("content-type", "multipart/form-data; boundary=B").POST(BodyPublishers.ofString(form)));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
        return new JsonObject(made.body()).getString("id");
    }

    /** One object of every kind that belongs to this tenant. */
    private Map<String, String> all(String keyName) {
        Map<String, String> ids = new LinkedHashMap<>();
        ids.put("files", file(keyName));
        KINDS.forEach(kind -> ids.put(kind.path(),
                make(kind.path(), keyName, kind.body().replace("FILE", ids.get("files")))));
        return ids;
    }

    private List<String> listed(String path, String keyName) {
        HttpResponse<String> list = call("GET", path, keyName, "");
        assertThat(list.statusCode()).as(list.body()).isEqualTo(200);
        List<String> ids = new ArrayList<>();
        new JsonObject(list.body()).getJsonArray("data").forEach(each -> ids.add(((JsonObject) each).getString("id")));
        return ids;
    }

    private static boolean isAbsent(HttpResponse<String> answer) {
        return answer.statusCode() == 404 && answer.body().contains("\"code\":\"object_not_found\"");
    }

    @Test
    void nothingOfAnotherTenantCanBeReadListedChangedOrDeletedOnAnyRoute() {
        gateway.start(TENANTS);
        Map<String, String> annas = all("ANNA");
        Map<String, String> berts = all("BERT");
        List<String> wrong = new ArrayList<>();
        annas.forEach((path, id) -> {
            for (String[] each : new String[][]{{"GET", ""}, {"POST", ""}, {"DELETE", ""}, {"GET", "/content"},
                    {"GET", "/items"}, {"POST", "/cancel"}, {"GET", "/files"}, {"DELETE", "/files/x"},
                    {"POST", "/events"}, {"GET", "/messages"}, {"HEAD", ""}}) {
                HttpResponse<String> answer = call(each[0], path + "/" + id + each[1], "BERT",
                        each[0].equals("POST") ? "{}" : "");
                if (each[0].equals("HEAD") ? answer.statusCode() != 404 : !isAbsent(answer)) {
                    wrong.add(each[0] + " " + path + "/{id}" + each[1] + ": " + answer.statusCode() + answer.body());
                }
            }
        });
        KINDS.stream().filter(Kind::listed).map(Kind::path).forEach(path -> {
            if (!listed(path, "BERT").equals(List.of(berts.get(path)))) {
                wrong.add("list of " + path + ": " + listed(path, "BERT"));
            }
        });
        assertThat(listed("files", "BERT")).containsExactly(berts.get("files"));
        assertThat(wrong).isEmpty();
    }

    @Test
    void ownerReadsListsAndDeletesWhatItHasMade() {
        gateway.start(TENANTS);
        Map<String, String> annas = all("ANNA");
        List<String> wrong = new ArrayList<>();
        annas.forEach((path, id) -> {
            boolean silent = Set.of("uploads", "audio/voices").contains(path);
            HttpResponse<String> read = call("GET", path + "/" + id, "ANNA", "");
            if (!silent && read.statusCode() != 200) {
                wrong.add("GET " + path + ": " + read.statusCode() + read.body());
            }
            boolean undeletable = Set.of("uploads", "fine_tuning/jobs", "batches", "agents/environments")
                    .contains(path);
            HttpResponse<String> deleted = undeletable ? read : call("DELETE", path + "/" + id, "ANNA", "");
            if (!undeletable && deleted.statusCode() != 200) {
                wrong.add("DELETE " + path + ": " + deleted.statusCode() + deleted.body());
            }
        });
        assertThat(wrong).isEmpty();
        assertThat(isAbsent(call("GET", "files/" + annas.get("files"), "ANNA", ""))).isTrue();
    }

    @Test
    void nothingOfAnotherTenantCanBeNamedInABody() {
        gateway.start(TENANTS);
        Map<String, String> annas = all("ANNA");
        Map<String, String> berts = all("BERT");
        String input = "{'model':'gpt-4o-mini','input':'x',%s}";
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("responses", input.formatted("'previous_response_id':'responses'"));
        bodies.put("responses ", input.formatted("'conversation':'conversations'"));
        bodies.put("responses  ", input.formatted("'conversation':{'id':'conversations'}"));
        bodies.put("responses   ",
                input.formatted("'tools':[{'type':'file_search','vector_store_ids':['vector_stores']}]"));
        bodies.put("responses    ",
                input.formatted("'tools':[{'type':'code_interpreter','container':'containers'}]"));
        bodies.put("responses     ", input.formatted(
                "'tools':[{'type':'code_interpreter','container':{'type':'auto','file_ids':['files']}}]"));
        bodies.put("responses      ", "{'model':'gpt-4o-mini','input':[{'role':'user','content':["
                + "{'type':'input_file','file_id':'files'}]}]}");
        bodies.put("responses       ",
                input.formatted("'prompt_cache_options':{'comparison_response_id':'responses'}"));
        bodies.put("chat/completions", "{'model':'gpt-4o-mini','messages':[{'role':'user','content':["
                + "{'type':'file','file':{'file_id':'files'}}]}]}");
        bodies.put("batches",
                "{'input_file_id':'files','endpoint':'/v1/chat/completions','completion_window':'24h'}");
        bodies.put("fine_tuning/jobs", "{'model':'gpt-4o-mini','training_file':'files'}");
        bodies.put("vector_stores", "{'file_ids':['files']}");
        bodies.put("vector_stores/OWN/files", "{'file_id':'files'}");
        bodies.put("threads", "{'messages':[{'role':'user','content':'x','attachments':[{'file_id':'files'}]}]}");
        bodies.put("threads/OWN/messages",
                "{'role':'user','content':[{'type':'image_file','image_file':{'file_id':'files'}}]}");
        bodies.put("threads/OWN/runs", "{'assistant_id':'assistants'}");
        bodies.put("threads/runs", "{'assistant_id':'assistants','thread':{'messages':[]}}");
        bodies.put("containers/OWN/files", "{'file_id':'files'}");
        bodies.put("agents/sessions", "{'environment':{'type':'none'},'agent_id':'agents','input':'x'}");
        bodies.put("agents/environments/OWN/files", "{'type':'file_id','file_id':'files','path':'/workspace/x'}");
        bodies.put("evals/OWN/runs", "{'data_source':{'type':'jsonl','source':{'type':'file_id','id':'files'}}}");
        bodies.put("videos/edits", "{'model':'sora-2','prompt':'x','video':{'id':'videos'}}");
        List<String> wrong = new ArrayList<>();
        bodies.forEach((path, body) -> {
            String kind = path.strip().replaceFirst("/OWN/.*", "");
            String to = path.strip().replace("OWN", berts.getOrDefault(kind, ""));
            String foreign = named(body, annas);
            HttpResponse<String> refused = call("POST", to, "BERT", foreign);
            if (!isAbsent(refused)) {
                wrong.add(to + " " + foreign + ": " + refused.statusCode() + refused.body());
            }
            HttpResponse<String> allowed = call("POST", to, "BERT", named(body, berts));
            if (isAbsent(allowed)) {
                wrong.add("own " + to + " " + named(body, berts) + ": " + allowed.body());
            }
        });
        assertThat(wrong).isEmpty();
    }

    /** A body with ids in place of the names of kinds. */
    private static String named(String body, Map<String, String> ids) {
        String text = body;
        for (Map.Entry<String, String> each : ids.entrySet()) {
            text = text.replace("'" + each.getKey() + "'", "'" + each.getValue() + "'");
        }
        return text.replace('\'', '"');
    }

    @Test
    void pageOfWhichNothingIsLeftIsNotTheEnd() {
        gateway.start(TENANTS);
        String first = file("BERT");
        List<String> annas = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            annas.add(file("ANNA"));
        }
        assertThat(listed("files?limit=20", "BERT")).containsExactly(first);
        List<String> seen = new ArrayList<>();
        String after = "";
        for (boolean more = true; more;) {
            HttpResponse<String> page = call("GET", "files?limit=20" + after, "ANNA", "");
            JsonArray data = new JsonObject(page.body()).getJsonArray("data");
            data.forEach(each -> seen.add(((JsonObject) each).getString("id")));
            more = new JsonObject(page.body()).getBoolean("has_more");
            after = "&after=" + (seen.isEmpty() ? "" : seen.getLast());
        }
        assertThat(seen).isEqualTo(annas.reversed());
    }

    /** Whatever the field is called; a file may hold anything. */
    @Test
    void nothingOfAnotherTenantCanBeNamedInAForm() {
        gateway.start(TENANTS);
        String annas = file("ANNA");
        String berts = file("BERT");
        String container = make("containers", "BERT", "{}");
        for (String name : List.of("file_id", "file_ids[]", "x", "video[id]")) {
            for (String path : List.of("containers/" + container + "/files", "videos/edits", "audio/voices")) {
                assertThat(isAbsent(form(path, name, annas))).as(path + " " + name).isTrue();
                assertThat(isAbsent(form(path, name, berts))).as(path + " " + name).isFalse();
            }
        }
        assertThat(isAbsent(form("containers/" + container + "/files", "file\"; filename=\"f", annas))).isFalse();
    }

    private HttpResponse<String> form(String path, String name, String value) {
        String form = "--B\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx\r\n--B\r\n"
                + "Content-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--B--\r\n";
        return gateway.send(gateway.request("/" + path, gateway.key("BERT"))
                .setHeader("content-type", "multipart/form-data; boundary=B").POST(BodyPublishers.ofString(form)));
    }

    @Test
    void idInAPathIsTheSameHoweverItIsEncoded() {
        gateway.start(TENANTS);
        String id = file("ANNA");
        assertThat(isAbsent(call("GET", "files/%66" + id.substring(1), "BERT", ""))).isTrue();
        assertThat(call("GET", "files/%66" + id.substring(1), "ANNA", "").statusCode()).isEqualTo(200);
    }

    @Test
    void objectsFromBeforeAreAssigned() {
        gateway.upstream("accounts: [{ name: main, rpm: 100000, strict: false, shared-objects: true, "
                + "keys: [\"${UPSTREAM_KEY}\"] }]").start(TENANTS);
        String id = file("BERT");
        assertThat(call("GET", "files/" + id, "ANNA", "").statusCode()).as("shared").isEqualTo(200);
        gateway.upstream("accounts: [{ name: main, rpm: 100000, strict: false, keys: [\"${UPSTREAM_KEY}\"] }]");
        gateway.reload(TENANTS).await();
        assertThat(isAbsent(call("GET", "files/" + id, "ANNA", ""))).isTrue();

        HttpResponse<String> assigned = admin("POST", "/admin/v1/objects",
                "{\"tenant\":\"anna\",\"kind\":\"files\",\"ids\":[\"" + id + "\"]}");
        assertThat(assigned.statusCode()).as(assigned.body()).isEqualTo(200);
        assertThat(call("GET", "files/" + id, "ANNA", "").statusCode()).isEqualTo(200);
        assertThat(isAbsent(call("GET", "files/" + id, "BERT", ""))).isTrue();
        assertThat(admin("GET", "/admin/v1/objects?tenant=anna&kind=files", "").body()).contains(id, "\"main\"");
        assertThat(admin("GET", "/admin/v1/audit", "").body()).contains("objects.assign");
    }

    private HttpResponse<String> admin(String method, String path, String body) {
        return gateway.send(HttpRequest.newBuilder(URI.create(gateway.adminUrl() + path))
                .header("authorization", "Bearer " + gateway.key("ADMIN"))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    /** A tenant that alone may look at what is stored goes on as before; whoever only calls models has its own answers. */
    @Test
    void tenantThatAloneMayLookSeesWhatNobodyHasMade() {
        gateway.start("""
                tenants:
                  - { name: anna, plan: paid, keys: ["${ANNA}"], endpoints: %s }
                  - { name: carl, plan: paid, keys: ["${CARL}"] }
                """.formatted(CLASSES));
        assertThat(call("GET", "files/file-from-before", "ANNA", "").body()).doesNotContain("object_not_found");
        String response = make("responses", "CARL", "{'model':'gpt-4o-mini','input':'x'}");
        String next = "{\"model\":\"" + MODEL + "\",\"input\":\"x\",\"previous_response_id\":\"" + response + "\"}";
        assertThat(call("POST", "responses", "CARL", next).statusCode()).isEqualTo(200);
        assertThat(isAbsent(call("POST", "responses", "ANNA", next))).isTrue();
        assertThat(isAbsent(call("GET", "responses/" + response, "ANNA", ""))).isTrue();
    }

    @Test
    void ownersOutliveTheGateway() {
        gateway.start(TENANTS);
        Map<String, String> annas = all("ANNA");
        Await.until("owners are written", () -> gateway.metric("sluice_owners_waiting") == 0);
        gateway.restart();
        annas.forEach(
                (path, id) -> assertThat(isAbsent(call("POST", path + "/" + id, "BERT", "{}"))).as(path).isTrue());
        assertThat(call("GET", "files/" + annas.get("files"), "ANNA", "").statusCode()).isEqualTo(200);
    }

    @Test
    void streamedResponseBelongsToItsTenantFromItsFirstEvent() {
        gateway.start(TENANTS);
        String stream = call("POST", "responses", "ANNA",
                "{\"model\":\"" + MODEL + "\",\"input\":\"x\",\"stream\":true}").body();
        String id = stream.substring(stream.indexOf("resp_"), stream.indexOf('"', stream.indexOf("resp_")));
        assertThat(call("GET", "responses/" + id, "ANNA", "").statusCode()).isEqualTo(200);
        assertThat(isAbsent(call("GET", "responses/" + id, "BERT", ""))).isTrue();
    }
}
