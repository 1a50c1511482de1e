package sluice.quota;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import sluice.quota.Spending.Answer;
import sluice.quota.Spending.Hold;

/**
 * What one tenant spends of all its budgets. A call counts in those for all calls and in those for each of its tags, and
 * must have room in all of them.
 *
 * @param overall for all calls
 * @param ofTags  by tag; {@code team=*} is for the values of {@code team} that have none of their own, together
 */
public record Spendings(Spending overall, Map<String, Spending> ofTags) {
    private static final String REST = "=*";

    public Spendings {
        ofTags = Map.copyOf(ofTags);
    }

    /** The tag for the values of a key without their own budget. */
    public static String rest(String key) {
        return key + REST;
    }

    /** Every one of them. */
    public Stream<Spending> all() {
        return Stream.concat(Stream.of(overall), ofTags.values().stream());
    }

    /**
     * Whether there is any budget for a call.
     *
     * @param tags as {@code key=value}, separated by commas
     */
    public boolean isLimited(String tags) {
        if (overall.isLimited()) {
            return true;
        }
        for (Spending each : of(tags)) {
            if (each.isLimited()) {
                return true;
            }
        }
        return false;
    }

    /** Reserves what a call with these tags is expected to cost, of all budgets or of none. */
    public Future<Answer> take(String tags, long picodollars) {
        Future<Answer> taken = overall.take(picodollars);
        for (Spending each : of(tags)) {
            taken = taken.compose(answer -> switch (answer) {
                case Answer.Granted(var hold) -> each.take(picodollars).onFailure(failure -> hold.close(0))
                        .map(next -> joined(hold, next));
                case Answer.Refused refused -> Future.succeededFuture(refused);
            });
        }
        return taken;
    }

    private static Answer joined(Hold hold, Answer next) {
        return switch (next) {
            case Answer.Granted(var more) -> new Answer.Granted(more.with(hold));
            case Answer.Refused refused -> {
                hold.close(0);
                yield refused;
            }
        };
    }

    /** Reserves nothing, for a call that can no longer be refused. */
    public Hold open(String tags) {
        Hold hold = overall.open();
        for (Spending each : of(tags)) {
            hold = each.open().with(hold);
        }
        return hold;
    }

    private List<Spending> of(String tags) {
        if (ofTags.isEmpty() || tags.isEmpty()) {
            return List.of();
        }
        List<Spending> matching = new ArrayList<>();
        for (String tag : tags.split(",", -1)) {
            Spending own = ofTags.get(tag);
            Spending spending = own == null ? ofTags.get(rest(tag.substring(0, tag.indexOf('=')))) : own;
            if (spending != null) {
                matching.add(spending);
            }
        }
        return matching;
    }
}
