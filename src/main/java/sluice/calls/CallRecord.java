package sluice.calls;

import java.time.LocalDate;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Spent;
import sluice.openai.Usage;
import sluice.price.Cost;

/**
 * What the ledger keeps of one finished call. Event loops make it, so it keeps values as they are and refers to
 * nothing else of the call.
 *
 * @param endedAtMillis    when the call ended, in milliseconds since 1970
 * @param id               the gateway's id of the call; for an answer within a WebSocket, followed by its number
 * @param asked            the model asked for, also if it may not be used; empty if the call was refused unread
 * @param served           the model that the answer names; empty if it names none
 * @param tier             the service tier that the answer names, or else the one asked for
 * @param usage            what was used; null if no model ran, or if it is not known
 * @param estimated        whether the gateway has estimated the usage, since no answer reported it
 * @param waitedMicros     waiting for quota or for a retry
 * @param totalMicros      from arrival to end
 * @param tags             as {@code key=value}, separated by commas
 * @param user             the hash of the end user's name
 * @param unpriced         whether a model ran for which there is no price
 * @param picodollars      what it cost
 * @param priced           the date of the price; null if there is none
 * @param savedPicodollars what an answer from the cache would have cost
 * @param subject          named by the caller's token or certificate; empty if it presented only a key
 * @param limit            that refused it, or the account's trouble that did; empty if the code says everything
 */
record CallRecord(long endedAtMillis, String id, String tenant, String keyId, String endpoint, String asked,
        String served, String tier, @Nullable Usage usage, boolean estimated, String cache, int status, String outcome,
        String code, long waitedMicros, long totalMicros, int attempts, String account, String tags, String user,
        boolean unpriced, long picodollars, @Nullable LocalDate priced, long savedPicodollars, String subject,
        String limit) {
    private static final int FIRST_ERROR = 400;

    /** What is to be kept of a finished call. */
    static CallRecord of(Spent spent, long endedAtMillis) {
        Origin origin = spent.origin();
        Facts facts = spent.facts();
        Spent.Told told = spent.told();
        ModelUse use = facts.usageCounted() ? ModelUse.nothing() : told.use();
        return new CallRecord(endedAtMillis, origin.id(), facts.tenant(), facts.keyId(), origin.endpoint(),
                facts.model().isEmpty() ? told.why().model() : facts.model(), use.model(),
                use.serviceTier().isEmpty() ? facts.serviceTier() : use.serviceTier(),
                use.usage(), use instanceof ModelUse.Estimated, facts.cache(), told.status(), told.outcome().label(),
                told.code(), TimeUnit.NANOSECONDS.toMicros(spent.times().waited()),
                TimeUnit.NANOSECONDS.toMicros(spent.times().total()), facts.attempts(), facts.account(), facts.tags(),
                facts.user(), spent.cost() instanceof Cost.Unpriced, spent.cost().picodollars(),
                spent.cost() instanceof Cost.Priced priced ? priced.asOf() : null, spent.saved().picodollars(),
                facts.subject(), told.why().limit());
    }

    /** The model that usage is counted for; empty if no model answered, so that callers cannot make names up. */
    String model() {
        return served.isEmpty() && status >= FIRST_ERROR ? "" : served.isEmpty() ? asked : served;
    }
}
