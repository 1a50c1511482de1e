/**
 * What must outlive the process, in one database, SQLite or PostgreSQL: the levels of daily limits and the revoked
 * keys, and the tables of calls and usage that {@code sluice.calls} fills. {@link sluice.ledger.Ledger} opens it and
 * brings its tables up to date; {@link sluice.ledger.Database} holds all that differs between the two. Of our
 * packages it knows only limits.
 */
@NullMarked
package sluice.ledger;

import org.jspecify.annotations.NullMarked;
