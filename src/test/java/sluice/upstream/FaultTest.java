package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.openai.OpenAiError;

/** An answer is charged to the smallest thing that it can speak of. */
class FaultTest {
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");

    private static Fault of(int status, MultiMap headers, String body) {
        return Fault.of(status, headers, Disposition.of(status, "application/json"), Buffer.buffer(body), NOON);
    }

    private static Fault of(int status, String code, String message) {
        return of(status, MultiMap.caseInsensitiveMultiMap(), new JsonObject()
                .put("error", new JsonObject().put("message", message).put("type", "some_type").put("code", code))
                .encode());
    }

    @ParameterizedTest
    @CsvSource({"401, invalid_api_key, RejectedKey", "403, invalid_api_key, Forbade",
            "401, missing_scope, Forbade", "401, ip_not_authorized, Forbade",
            "403, model_not_found, Forbade", "401, account_deactivated, OutOfCredit",
            "403, access_terminated, OutOfCredit", "429, billing_not_active, OutOfCredit",
            "402, anything, OutOfCredit", "429, insufficient_quota, OutOfCredit",
            "429, rate_limit_exceeded, Quota", "429, slow_down, SlowDown",
            "429, resource_unavailable, TierBusy", "407, invalid_api_key, RejectedAccount"})
    void codeSaysWhatIsMeant(int status, String code, String reason) {
        assertThat(of(status, code, "").getClass().getSimpleName()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{}", "{\"error\":\"no\"}", "{\"error\":{}}", "{\"error\":null}"})
    void bodyThatSaysNothingSpeaksOfNoKeyAndNoBill(String body) {
        MultiMap none = MultiMap.caseInsensitiveMultiMap();
        assertThat(of(429, none, body)).isEqualTo(new Fault.Quota(1_000_000_000L));
        assertThat(of(401, none, body)).isNotInstanceOf(Fault.RejectedKey.class);
        assertThat(of(403, none, body)).isNotInstanceOf(Fault.OutOfCredit.class);
    }

    @Test
    void ownAnswerOfTheApiIsKeptForACallThatIsNotTriedAgain() {
        OpenAiError overloaded = new OpenAiError("Busy with ***", "server_error", null, "overloaded");
        assertThat(of(503, MultiMap.caseInsensitiveMultiMap().set("retry-after", "7").set("x-should-retry", "false"),
                new OpenAiError("Busy with org-1.", "server_error", null, "overloaded").toBuffer().toString()))
                .isEqualTo(new Fault.Unavailable(503, overloaded, OptionalLong.of(7_000_000_000L), false));
        assertThat(of(503, "overloaded", "Busy.")).isInstanceOfSatisfying(Fault.Unavailable.class, fault -> {
            assertThat(fault.retryAfterNanos()).isEmpty();
            assertThat(fault.retry()).isNull();
        });
        assertThat(of(503, MultiMap.caseInsensitiveMultiMap(), "[]")).isEqualTo(new Fault.NotJson(503));
    }

    /** Whether SDKs are told to try again, limit and request. */
    @ParameterizedTest
    @CsvSource({"false, 30000, 342389, true", "false, 30000, 29000, false", "true, 30000, 342389, false"})
    void callThatCanNeverFitIsToldByItsNumbers(String again, long limit, long requested, boolean never) {
        String message = "Limit for m reached (TPM): Limit " + limit + ", Requested " + requested + ".";
        Fault reason = of(429, MultiMap.caseInsensitiveMultiMap().set("x-should-retry", again), new JsonObject()
                .put("error", new JsonObject().put("message", message).put("code", "rate_limit_exceeded")).encode());
        if (never) {
            assertThat(reason).isEqualTo(new Fault.TooLarge(requested, limit));
        } else {
            assertThat(reason).isInstanceOf(Fault.Quota.class);
        }
    }

    @Test
    void callThatCanNeverFitNeedNotSayByHowMuch() {
        assertThat(of(429, "rate_limit_exceeded", "Request too large for m."))
                .isEqualTo(new Fault.TooLarge(-1, -1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"of org-AbC123 is|of *** is", "proj_1_2-3, org-4|***, ***",
            "key sk-proj-abc***xyz.|key ***", "(sk-svcacct-1)|(***)",
            "risk-free orgy projection|risk-free orgy projection"})
    void namesAreMasked(String message, String masked) {
        assertThat(FaultReader.masked(message)).isEqualTo(masked);
    }
}
