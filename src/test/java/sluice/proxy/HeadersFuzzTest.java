package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Whatever an upstream or its trailers say: what is of a connection, of the account or ours does not reach the client. */
class HeadersFuzzTest {
    private static final List<String> NAMES = List.of("connection", "Connection", "set-cookie", "SET-COOKIE", "x-one",
            "X-Two", "x-ratelimit-limit-requests", "X-Sluice-Cache", "proxy-authenticate", "upgrade", "openai-version",
            "content-type", "keep-alive", "trailer", "openai-organization", "Alt-Svc", "x-request-id");

    @FuzzTest(maxDuration = "60s")
    void toClient(FuzzedDataProvider data) {
        MultiMap from = MultiMap.caseInsensitiveMultiMap();
        for (int i = data.consumeInt(0, 12); i > 0; i--) {
            String name = data.consumeBoolean() ? data.pickValue(NAMES) : "x-" + data.consumeInt(0, 9);
            String value = data.consumeBoolean()
                    ? data.pickValue(NAMES) + data.pickValue(List.of("", ",", " , ", ",,"))
                            + data.pickValue(NAMES).toUpperCase(Locale.ROOT)
                    : data.consumeAsciiString(20);
            from.add(name, value);
        }
        MultiMap to = MultiMap.caseInsensitiveMultiMap();
        Headers.toClient(from, to);

        String named = ("," + String.join(",", from.getAll("connection")) + ",").toLowerCase(Locale.ROOT)
                .replaceAll("\\s*,\\s*", ",");
        for (Map.Entry<String, String> header : to) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            assertThat(name).doesNotStartWith("x-sluice-").doesNotStartWith("x-ratelimit-").doesNotStartWith("proxy-")
                    .isNotIn("connection", "set-cookie", "upgrade", "keep-alive", "trailer", "alt-svc",
                            "openai-organization", "transfer-encoding", "content-length");
            assertThat(named).doesNotContain("," + name + ",");
        }
        for (String kept : List.of("openai-version", "content-type", "x-request-id", "x-3")) {
            if (!named.contains("," + kept + ",")) {
                assertThat(to.getAll(kept)).isEqualTo(from.getAll(kept));
            }
        }
    }
}
