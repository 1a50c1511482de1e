/**
 * People who log in to the admin listener by an OpenID Connect provider: the authorization code flow with PKCE (OpenID Connect
 * Core 1.0, RFC 7636, RFC 9700), and what is proven about who comes back. What they may do is no matter of this package.
 */
@NullMarked
package sluice.login;

import org.jspecify.annotations.NullMarked;
