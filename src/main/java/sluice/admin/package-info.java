/**
 * The admin listener: health, metrics, and the admin API behind its tokens. {@link sluice.admin.AdminRoute} is the
 * table of its routes and of who may call them, {@code openapi.yaml} is their contract, and {@link
 * sluice.admin.Operations} what answers each: small classes by resource, which take an {@code AdminCall} and return a
 * {@code Reply} or throw a {@code Fault}.
 */
@NullMarked
package sluice.admin;

import org.jspecify.annotations.NullMarked;
