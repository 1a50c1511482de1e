/** A small HTTP/1.1 client with connection reuse: strict parsing, one piece per read, one write per call. */
@NullMarked
package sluice.upstream.http1;

import org.jspecify.annotations.NullMarked;
