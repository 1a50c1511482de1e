package sluice.proxy.owned;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.openai.Endpoint;
import sluice.openai.StoredRoute;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.OfCaller;
import sluice.proxy.Stage;

/** Lets a call touch only stored objects of its own tenant: the one its path names, and those in its body. */
public final class CheckOwner implements Stage<Ask, Ask> {
    private final Ownership ownership;

    public CheckOwner(Ownership ownership) {
        this.ownership = ownership;
    }

    @Override
    public Future<Ask> apply(Ask ask) {
        StoredRoute route = route(ask);
        if ((route == null && ask.envelope().objects().isEmpty()) || !ownership.holds(ask)) {
            return Future.succeededFuture(ask);
        }
        List<String> named = new ArrayList<>(ask.envelope().objects());
        if (route != null && !route.id().isEmpty()) {
            named.addFirst(route.id());
        }
        return ownership.check(ask, named).map(own -> ask.leadingTo(Optional.ofNullable(route)));
    }

    /** Where a call leads among objects that have owners; null if it does not. */
    public static @Nullable StoredRoute route(OfCaller call) {
        Endpoint endpoint = call.endpoint();
        boolean owned = switch (endpoint) {
            case LIVE_CALLS, LIVE_RECORDINGS, LIVE_ATTACHMENTS, LIVE_FORKS -> true;
            default -> endpoint.endpointClass().hasOwners();
        };
        return owned ? StoredRoute.of(call.arrival().route().target()) : null;
    }
}
