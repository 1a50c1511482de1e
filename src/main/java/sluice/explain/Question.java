package sluice.explain;

import java.util.Set;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.schedule.Lane;
import sluice.tenancy.Tenancy;

/**
 * A hypothetical call, by an authenticated caller who may use the model.
 *
 * @param envelope     what its body says
 * @param model        that it asks for; empty if it asks for none
 * @param user         the hash of its end user; empty if it names none
 * @param tags         as {@code key=value}, separated by commas
 * @param accounts     the names of those that may serve it
 * @param cache        {@code HIT}, {@code MISS} or {@code BYPASS}
 * @param maxWaitNanos how long it may wait for the upstream's quota
 */
public record Question(Tenancy tenancy, Endpoint endpoint, Envelope envelope, String model, String user, String tags,
        Set<String> accounts, String cache, long maxWaitNanos, Lane lane) {

    public Question {
        accounts = Set.copyOf(accounts);
    }
}
