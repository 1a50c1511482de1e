/** A small HTTP/1.1 client on kept connections: strict about what it reads, one piece per read, one write per call. */
@NullMarked
package sluice.upstream.http1;

import org.jspecify.annotations.NullMarked;
