/**
 * Which tenant each stored object belongs to. Where several tenants share an account, files, responses, batches and the like
 * belong to the tenant that made them, and do not exist for any other. The ledger keeps the owners; it may be away for a while.
 */
@NullMarked
package sluice.owners;

import org.jspecify.annotations.NullMarked;
