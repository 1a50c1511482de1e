package sluice.admin;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.regex.Pattern;

/** Replays the calls of the last minutes or hours against another configuration. */
final class DryRunResource {
    private static final Pattern YAML = Pattern.compile("(?s).+");
    private static final long LONGEST_MINUTES = 2 * 24 * 60;
    private static final long USUAL_MINUTES = 60;

    private final Rehearsing rehearsing;
    private final Work work;

    DryRunResource(Rehearsing rehearsing, Work work) {
        this.rehearsing = rehearsing;
        this.work = work;
    }

    Future<Reply> run(AdminCall call) {
        call.knows();
        Fields fields = call.requiredFields();
        String yaml = fields.required("configuration", YAML, "a configuration in YAML");
        long minutes = fields.number("last_minutes", 1, LONGEST_MINUTES).orElse(USUAL_MINUTES);
        fields.finish();
        return work.run(call, () -> {
            try {
                return Reply.json(rehearsing.replay(yaml, Duration.ofMinutes(minutes)));
            } catch (Rehearsing.Unusable unusable) {
                throw Fault.unfit("configuration", String.valueOf(unusable.getMessage()));
            }
        });
    }
}
