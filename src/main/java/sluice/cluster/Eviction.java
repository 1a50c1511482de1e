package sluice.cluster;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whether the server may evict keys, and warns once if so; a server that does not allow the query is trusted.
 */
final class Eviction {
    private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);
    private static final String POLICY = "maxmemory-policy";
    private static final String NONE = "noeviction";

    private String told = NONE;

    /** Queries a new connection without waiting for the answer. */
    void look(RedisConnection connection) {
        connection.send(Request.cmd(Command.CONFIG).arg("GET").arg(POLICY)).onSuccess(answer -> warn(policy(answer)));
    }

    private void warn(String policy) {
        if (!policy.equals(told) && !policy.equals(NONE)) {
            LOG.warn("redis may evict limits and revocations when its memory is full: its {} is {} and should be {}",
                    POLICY,
                    policy, NONE);
        }
        told = policy;
    }

    /** A map, or a list of names and values before version 3 of the protocol. */
    private static String policy(@Nullable Response answer) {
        if (answer == null) {
            return NONE;
        }
        Response named = answer.containsKey(POLICY) ? answer.get(POLICY) : answer.size() == 2 ? answer.get(1) : null;
        return named == null ? NONE : named.toString();
    }
}
