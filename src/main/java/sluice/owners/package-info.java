/**
 * Whose the objects are that an account stores for several tenants: files, responses, batches and the like belong to the
 * tenant that made them, and do not exist for any other. The ledger keeps their owners; it may be away for a while.
 */
@NullMarked
package sluice.owners;

import org.jspecify.annotations.NullMarked;
