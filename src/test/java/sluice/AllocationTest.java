package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.cli.Gateway;
import sluice.testing.TestConfig;
import sluice.time.Time;

/**
 * What one call may allocate on the gateway's event loops. The counts of a JVM that has compiled nothing yet are the
 * highest there are, and hardly vary; the budgets leave a third on top, so that only a change of the code exceeds them.
 */
@Timeout(60)
class AllocationTest {
    private static final int UNCOUNTED = 50;
    private static final int CALLS = 300;
    private static final long MISS_BUDGET = 48 * 1024;
    private static final long HIT_BUDGET = 22 * 1024;
    private static final long REFUSAL_BUDGET = 13 * 1024;
    private static final String TENANT_KEY = "sk-sluice-0123456789abcdef0123";
    private static final String BODY = "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
            + "\"assistant\",\"content\":\"" + "word ".repeat(80) + "\"},\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":38,\"completion_tokens\":52,\"total_tokens\":90}}";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
            + BODY.length() + "\r\nx-request-id: req_1\r\n\r\n" + BODY;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final ResourceLeakDetector.Level leaks = ResourceLeakDetector.getLevel();

    /** Looking for leaks allocates more than the gateway does. */
    @BeforeEach
    void stopLookingForLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void lookForLeaksAgain() {
        ResourceLeakDetector.setLevel(leaks);
    }

    @Test
    void callsStayWithinTheirBudgets() throws Exception {
        Vertx vertx = Vertx.vertx();
        NetServer upstream = vertx.createNetServer()
                .connectHandler(socket -> socket.handler(request -> socket.write(ANSWER)))
                .listen(0, "127.0.0.1").await();
        Set<Long> others = loops();
        Gateway gateway = gateway(upstream.actualPort());
        try {
            long miss = perCall(gateway, others, TENANT_KEY, true);
            long hit = perCall(gateway, others, TENANT_KEY, false);
            long refusal = perCall(gateway, others, "unknown", false);
            assertThat(List.of(miss, hit, refusal)).as("bytes of a miss, a hit, a refusal").satisfiesExactly(
                    bytes -> assertThat(bytes).isBetween(1L, MISS_BUDGET),
                    bytes -> assertThat(bytes).isBetween(1L, HIT_BUDGET),
                    bytes -> assertThat(bytes).isBetween(1L, REFUSAL_BUDGET));
        } finally {
            gateway.stop().await();
            vertx.close().await();
            client.close();
        }
    }

    private static Gateway gateway(int upstream) throws Exception {
        return Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["sk-upstream-0123456789abcdef"] }]
                tenants: [{ name: bot, rpm: 100000, tpm: 1000000000, keys: ["%s"] }]
                """.formatted(upstream, TENANT_KEY)), Time.system()).await();
    }

    /** The first calls are not counted: they load classes and open connections. */
    private long perCall(Gateway gateway, Set<Long> others, String key, boolean different) throws Exception {
        for (int i = 0; i < UNCOUNTED; i++) {
            call(gateway, key, different ? "early prompt " + i : "first");
        }
        long before = allocated(others);
        for (int i = 0; i < CALLS; i++) {
            call(gateway, key, different ? "prompt " + i : "first");
        }
        return (allocated(others) - before) / CALLS;
    }

    private void call(Gateway gateway, String key, String prompt) throws Exception {
        client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\","
                        + "\"content\":\"" + prompt + "\"}],\"max_tokens\":64}"))
                .build(), HttpResponse.BodyHandlers.discarding());
    }

    private long allocated(Set<Long> others) {
        return loops().stream().filter(loop -> !others.contains(loop)).mapToLong(threads::getThreadAllocatedBytes)
                .sum();
    }

    /** The event loops of every Vert.x in this process. */
    private Set<Long> loops() {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("vert.x-eventloop-thread"))
                .map(ThreadInfo::getThreadId).collect(Collectors.toSet());
    }
}
