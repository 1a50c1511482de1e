package sluice.rehearsal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.calls.PastCall;

/**
 * What calls that were refused would have used and how long they would have taken: as much as the tenant's answered
 * calls of the same model on average, or else all of them.
 */
final class Estimates {

    /** What a call uses, in tokens and picodollars, and how long it takes. */
    record Use(long tokens, long picodollars, long micros) {}

    private record Kind(String tenant, String model) {}

    private static final class Sums {
        private long calls;
        private double tokens;
        private double picodollars;
        private double micros;

        void add(PastCall call) {
            calls++;
            tokens += call.tokens();
            picodollars += call.picodollars();
            micros += call.totalMicros();
        }

        Use mean() {
            return new Use(Math.round(tokens / calls), Math.round(picodollars / calls), Math.round(micros / calls));
        }
    }

    private final Map<Kind, Sums> byModel = new HashMap<>();
    private final Map<String, Sums> byTenant = new HashMap<>();

    Estimates(List<PastCall> calls) {
        for (PastCall call : calls) {
            if (call.outcome().equals("answered") && !call.fromCache()) {
                byModel.computeIfAbsent(new Kind(call.tenant(), call.model()), first -> new Sums()).add(call);
                byTenant.computeIfAbsent(call.tenant(), first -> new Sums()).add(call);
            }
        }
    }

    Use of(PastCall call) {
        return Optional.ofNullable(byModel.get(new Kind(call.tenant(), call.model())))
                .or(() -> Optional.ofNullable(byTenant.get(call.tenant()))).map(Sums::mean).orElse(new Use(0, 0, 0));
    }
}
