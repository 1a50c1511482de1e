package sluice.upstream.http1;

import io.vertx.core.MultiMap;

/**
 * The head of an answer.
 *
 * @param framing   how its body ends
 * @param length    of its body in bytes, if the head says so
 * @param keepAlive whether the upstream will answer another request on the connection
 */
record ResponseHead(int status, MultiMap headers, Framing framing, long length, boolean keepAlive) {

    /** How the end of a body is known (RFC 9112, section 6.3). */
    enum Framing {
        LENGTH, CHUNKED, CLOSE
    }
}
