package sluice.organization;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import sluice.openai.ModelGlob;
import sluice.quota.AccountLimits;
import sluice.quota.Limit;

/** Compares an account's limits in the file with those that OpenAI grants. */
final class LimitCheck {

    private LimitCheck() {}

    /**
     * The limits of the file that allow more than OpenAI grants, each with a reason. A limit of all calls is too high if
     * no model has so much.
     */
    static List<String> tooHigh(AccountLimits file, Map<String, List<Limit>> granted) {
        List<String> found = new ArrayList<>();
        for (Limit own : file.limits()) {
            long most = granted.values().stream().mapToLong(limits -> amount(limits, own.kind())).max().orElse(0);
            if (most > 0 && own.amount() > most) {
                found.add(own.kind().key() + ": " + own.amount() + ", where no model has more than " + most);
            }
        }
        for (Map.Entry<ModelGlob, List<Limit>> family : file.byModel().entrySet()) {
            granted.forEach((model, limits) -> {
                if (family.getKey().matches(model)) {
                    tooHigh(family, model, limits, found);
                }
            });
        }
        return found;
    }

    private static void tooHigh(Map.Entry<ModelGlob, List<Limit>> family, String model, List<Limit> granted,
            List<String> found) {
        for (Limit limit : family.getValue()) {
            long most = amount(granted, limit.kind());
            if (most > 0 && limit.amount() > most) {
                found.add("models." + family.getKey().pattern() + '.' + limit.kind().key() + ": " + limit.amount()
                        + ", where " + model + " has " + most);
            }
        }
    }

    /** 0 if there is none. */
    private static long amount(List<Limit> limits, Limit.Kind kind) {
        return limits.stream().filter(limit -> limit.kind() == kind).mapToLong(Limit::amount).findFirst().orElse(0);
    }
}
