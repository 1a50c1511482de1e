package sluice.admin;

import io.vertx.core.Future;

/** What answers the calls of one route. It may throw a {@link Fault} or fail with one. */
@FunctionalInterface
interface Operation {
    Future<Reply> answer(AdminCall call);
}
