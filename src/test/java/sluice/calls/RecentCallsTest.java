package sluice.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.price.Cost;
import sluice.testing.ManualTime;

class RecentCallsTest {
    private final RecentCalls recent = new RecentCalls(new ManualTime().time());

    private record Of(String tenant) implements Facts {}

    private void calls(int number, String tenant, int status, Outcome outcome) {
        for (int i = 0; i < number; i++) {
            recent.over(new Spent(new Origin("1", "POST", "chat_completions", "c"), new Of(tenant),
                    new Spent.Told(status, outcome, status == 200 ? "" : "code", 0, ModelUse.nothing()),
                    new Spent.Times(0, 0, 0, 0, 0, 0), Cost.NOTHING, Cost.NOTHING));
        }
    }

    private List<String> shown() {
        return recent.json(Optional.empty()).getJsonArray("tenants").stream().map(JsonObject.class::cast)
                .map(each -> each.getString("tenant")).toList();
    }

    @Test
    void whoCallsMostIsShownHoweverManyAreInTrouble() {
        calls(100, "flood", 200, Outcome.ANSWERED);
        calls(99, "stream", 200, Outcome.ANSWERED);
        for (int i = 100; i < 160; i++) {
            calls(1, "victim" + i, 429, Outcome.TENANT);
        }
        assertThat(shown()).hasSize(40).doesNotHaveDuplicates().contains("flood", "stream", "victim100");
    }

    @Test
    void whoHasMostTroubleAndCallsMostIsShownOnce() {
        calls(3, "both", 429, Outcome.TENANT);
        calls(2, "other", 200, Outcome.ANSWERED);
        assertThat(shown()).containsExactly("both", "other");
    }
}
