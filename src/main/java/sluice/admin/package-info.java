/**
 * The admin listener: health, metrics, and the admin API behind its token.
 */
@NullMarked
package sluice.admin;

import org.jspecify.annotations.NullMarked;
