package sluice.edge;

import io.vertx.core.MultiMap;

/**
 * The head of a plain call: a POST over HTTP/1.1 to a path that needs no decoding.
 *
 * @param target  its path
 * @param headers all of them, checked
 * @param length  of its body in bytes, more than 0
 */
record PlainHead(String target, MultiMap headers, long length) {}
