package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private static final String KEY_ID = KeyId.of("sk-gone");

    @Test
    void surviveTheWayThroughJson() {
        Faults faults = Faults.none().withErrors(0.5, 500).withCuts(0.25, 7).withCleanCuts(0.125, 7).withHang(true)
                .withSlow(Duration.ofMillis(30)).withFlexUnavailable(0.75).withInsufficientQuota("poor")
                .withRevokedKeys(KEY_ID);
        assertThat(Faults.fromJson(faults.toJson())).isEqualTo(faults);
    }

    @Test
    void absentMembersAreNoFaults() {
        assertThat(Faults.fromJson(new JsonObject())).isEqualTo(Faults.none());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"errorRate\":2}", "{\"cutRate\":-1}", "{\"errorStatus\":200}", "{\"hang\":1}",
            "{\"cutAfterChunks\":-1}", "{\"slowMillis\":-1}", "{\"errorrate\":1}", "{\"revokedKeys\":\"sk-1\"}",
            "{\"flexUnavailableRate\":2}", "{\"cutRate\":null}", "{\"errorRate\":\"1\"}"})
    void refuseWhatMakesNoSense(String json) {
        JsonObject parsed = new JsonObject(json);
        assertThatThrownBy(() -> Faults.fromJson(parsed)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void keysAreRevokedByValueOrIdAndNeverShown() {
        Faults faults = Faults.none().withRevokedKeys("sk-gone");
        assertThat(faults.revokes("sk-gone", KEY_ID)).isTrue();
        assertThat(Faults.none().withRevokedKeys(KEY_ID).revokes("sk-gone", KEY_ID)).isTrue();
        assertThat(faults.revokes("sk-other", KeyId.of("sk-other"))).isFalse();
        assertThat(faults.toString()).contains(KEY_ID).doesNotContain("sk-gone");
    }
}
