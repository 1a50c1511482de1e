/**
 * Lets people log in to the admin listener through an OpenID Connect provider: the authorization code flow with PKCE (OpenID
 * Connect Core 1.0, RFC 7636, RFC 9700) and the checks on who comes back. What they may do is decided in {@code sluice.admin}.
 */
@NullMarked
package sluice.login;

import org.jspecify.annotations.NullMarked;
