package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** The clients that people use work unchanged but for the address and the key. */
@Timeout(600)
class UnchangedClientsTest {
    private static final List<String> WEBSOCKETS = List.of("websocket", "realtime");
    /** Some wait two minutes for a limit that has no room before tomorrow. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int RPM = 30;
    private static final Duration WAIT = Duration.ofSeconds(60 / RPM);
    private static final JsonObject CHAT = new JsonObject().put("model", "gpt-4o-mini").put("messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "Use it up")));

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @RegisterExtension
    final TestGateway secure = new TestGateway();

    private final ManualTime clock = new ManualTime();

    static Stream<Client> always() {
        return Client.all().stream().filter(Client::always);
    }

    static Stream<Client> nightly() {
        return Client.all().stream().filter(client -> !client.always());
    }

    @ParameterizedTest
    @MethodSource("always")
    void worksInEveryBuild(Client client, @TempDir Path folder) throws Exception {
        assertWorks(client, folder);
    }

    @Tag("nightly")
    @ParameterizedTest
    @MethodSource("nightly")
    void works(Client client, @TempDir Path folder) throws Exception {
        assertWorks(client, folder);
    }

    private void assertWorks(Client client, Path folder) throws Exception {
        List<String> command = Tools.command(client);
        gateway.at(clock).start("""
                tenants:
                  - { name: bot, plan: paid, keys: ["${BOT}"] }
                  - { name: limited, rpm: %d, keys: ["${LIMITED}"], endpoints: [inference, realtime] }
                  - { name: spent, rpd: 1, keys: ["${SPENT}"], endpoints: [inference, realtime] }
                """.formatted(RPM));
        Findings findings = new Findings(client);
        try {
            answers(client, command, findings);
            webSockets(client, command, folder, findings);
            limit(client, command, findings);
            spent(client, command, findings);
            wrongKey(client, command, findings);
        } finally {
            findings.write();
        }
        assertThat(findings.surprises()).isEmpty();
    }

    private void answers(Client client, List<String> command, Findings findings) {
        run(command, gateway, client.cases().stream().filter(name -> !WEBSOCKETS.contains(name)).toList(), Map.of(),
                findings);
    }

    private void webSockets(Client client, List<String> command, Path folder, Findings findings) throws Exception {
        List<String> cases = client.cases().stream().filter(WEBSOCKETS::contains).toList();
        if (cases.isEmpty()) {
            return;
        }
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        secure.speakingTls(certificate).start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"], endpoints: [inference, realtime] }]
                """);
        String pem = certificate.pem().toString();
        run(command, secure, cases, Map.of("SSL_CERT_FILE", pem, "NODE_EXTRA_CA_CERTS", pem), findings);
    }

    private void run(List<String> command, TestGateway before, List<String> cases, Map<String, String> environment,
            Findings findings) {
        Session session = start(command, before, "BOT", cases, environment);
        for (String name : cases) {
            judge(name, said(session), findings);
        }
        session.end();
    }

    /** The limit has room after the wait that the refusal names, also for a second call where a tool's answer needs one. */
    private void limit(Client client, List<String> command, Findings findings) {
        useUp("LIMITED", RPM);
        Session session = start(command, gateway, "LIMITED", client.cases().subList(0, 1), Map.of());
        Await.until("refused", () -> statuses("limited").contains(429));
        clock.advance(WAIT.multipliedBy(2).plusMillis(1));
        JsonObject said = said(session);
        session.end();
        List<Integer> statuses = after(RPM, "limited", client.waits() ? 2 : 1);
        boolean answered = statuses.getFirst() == 429 && statuses.stream().skip(1).allMatch(status -> status == 200);
        boolean waited = answered && said.getDouble("seconds") >= WAIT.toSeconds();
        boolean raised = statuses.equals(List.of(429)) && client.overLimit().error().equals(said.getString("raised"));
        findings.add("limit", shown(said, statuses), client.waits() ? waited : raised, said);
    }

    /** The limit has no room before tomorrow. */
    private void spent(Client client, List<String> command, Findings findings) {
        useUp("SPENT", 1);
        JsonObject said = first(client, command, "SPENT");
        List<Integer> statuses = after(1, "spent", client.overLimit().requests());
        refused("spent", client.overLimit(), 429, said, statuses, findings);
    }

    private void wrongKey(Client client, List<String> command, Findings findings) {
        JsonObject said = first(client, command, "STRANGER");
        List<Integer> statuses = after(0, null, client.wrongKey().requests());
        refused("wrong key", client.wrongKey(), 401, said, statuses, findings);
    }

    private static void refused(String name, Client.Raised expected, int status, JsonObject said,
            List<Integer> statuses, Findings findings) {
        boolean raised = expected.error().equals(said.getString("raised"));
        boolean often = statuses.equals(Collections.nCopies(expected.requests(), status));
        findings.add(name, shown(said, statuses), raised && often, said);
    }

    /** Does the first of its cases. */
    private JsonObject first(Client client, List<String> command, String keyName) {
        Session session = start(command, gateway, keyName, client.cases().subList(0, 1), Map.of());
        JsonObject said = said(session);
        session.end();
        return said;
    }

    private static Session start(List<String> command, TestGateway gateway, String keyName, List<String> cases,
            Map<String, String> more) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(cases);
        Map<String, String> environment = new HashMap<>(more);
        environment.put("SLUICE_URL", gateway.baseUrl());
        environment.put("SLUICE_KEY", gateway.key(keyName));
        return Script.session(whole, environment);
    }

    private JsonObject said(Session session) {
        JsonObject said = session.next(PATIENCE);
        gateway.shown(said.encode());
        return said;
    }

    private static void judge(String name, JsonObject said, Findings findings) {
        Object seen = said.getValue("saw");
        boolean expected = switch (name) {
            case "chat", "websocket", "realtime" -> isAnswer(seen);
            case "stream" -> seen instanceof JsonArray pieces && pieces.size() > 1
                    && isAnswer(pieces.stream().map(String::valueOf).collect(Collectors.joining()));
            case "tool" -> seen instanceof JsonObject tool && isAnswer(tool.getValue("city"))
                    && (!tool.containsKey("text") || isAnswer(tool.getValue("text")));
            case "embedding" -> Integer.valueOf(1536).equals(seen);
            case "structured" -> seen instanceof JsonObject city && isAnswer(city.getValue("name"))
                    && city.getValue("population") instanceof Integer;
            default -> throw new IllegalArgumentException(name);
        };
        findings.add(name, shown(said), expected, said);
    }

    private static boolean isAnswer(@Nullable Object text) {
        return text instanceof String answer && answer.startsWith("answer-");
    }

    private static String shown(JsonObject said, List<Integer> statuses) {
        return shown(said) + " " + statuses;
    }

    private static String shown(JsonObject said) {
        return said.getString("raised", "ok");
    }

    private void useUp(String keyName, int requests) {
        for (int i = 0; i < requests; i++) {
            assertThat(gateway.post("/chat/completions", keyName, CHAT).statusCode()).isEqualTo(200);
        }
    }

    /** What a tenant's calls after the first ones were answered with; at least so many are awaited in the log. */
    private List<Integer> after(int first, @Nullable String tenant, int expected) {
        Await.until("calls of " + tenant, () -> statuses(tenant).size() >= first + expected);
        return statuses(tenant).stream().skip(first).toList();
    }

    /** What a tenant's calls were answered with; null: those that were nobody's. */
    private List<Integer> statuses(@Nullable String tenant) {
        return gateway.log().calls().stream().filter(call -> Objects.equals(call.getString("tenant"), tenant))
                .map(call -> call.getInteger("status")).toList();
    }
}
