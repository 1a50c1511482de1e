package sluice.login;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.login.LoginFailed.Why;
import sluice.time.Time;

/**
 * The client of an OpenID Connect provider. Its discovery document is read when somebody logs in and kept for ten minutes,
 * so a provider that is down affects nothing but logins.
 */
public final class Provider implements AutoCloseable {

    /**
     * The provider, and how the gateway is registered there.
     *
     * @param issuer      the provider, as its tokens name it
     * @param secret      of the client; empty for one that proves itself by PKCE alone
     * @param redirect    where browsers come back to
     * @param groupsClaim names a person's groups
     * @param caFile      certificates trusted for it instead of the platform's
     */
    public record Settings(String issuer, String clientId, Optional<ClientSecret> secret, URI redirect,
            List<String> scopes, String groupsClaim, Optional<Path> caFile) {

        public Settings {
            scopes = List.copyOf(scopes);
        }
    }

    /** The password of the client; never shown. */
    public record ClientSecret(String value) {

        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    /** Where its endpoints are. */
    private record Endpoints(String authorization, String token, String keys, Optional<String> userInfo,
            Optional<String> endSession) {}

    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int LONGEST_NAME = 100;
    private static final int MOST_GROUPS = 1_000;

    private final Settings settings;
    private final Vertx vertx;
    private final ProviderCalls calls;
    private final IdTokenCheck check;
    private final Time time;
    private @Nullable Future<Endpoints> endpoints;
    private long endpointsAt;

    /** Sends nothing yet. */
    public Provider(Vertx vertx, Settings settings, Time time) {
        this.settings = settings;
        this.vertx = vertx;
        this.calls = new ProviderCalls(vertx, settings.caFile());
        this.check = new IdTokenCheck(settings.issuer(), settings.clientId(), time);
        this.time = time;
    }

    public Settings settings() {
        return settings;
    }

    /** Where to send the browser of somebody who wants to log in; fails with {@link LoginFailed}. */
    public Future<String> login(Flow flow) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("response_type", "code");
        parameters.put("client_id", settings.clientId());
        parameters.put("redirect_uri", settings.redirect().toString());
        parameters.put("scope", String.join(" ", settings.scopes()));
        parameters.put("state", flow.state());
        parameters.put("nonce", flow.nonce());
        parameters.put("code_challenge", flow.challenge());
        parameters.put("code_challenge_method", "S256");
        return endpoints().map(at -> withQuery(at.authorization(), parameters));
    }

    /** Who comes back with this code; fails with {@link LoginFailed}. */
    public Future<Person> person(String code, Flow flow) {
        return endpoints().compose(at -> token(at, code, flow).compose(answer -> {
            String token = answer.getString("id_token");
            if (token == null) {
                return Future.failedFuture(away("it sends no identity token"));
            }
            return calls.get(at.keys(), "").compose(keys -> vertx.executeBlocking(
                    () -> check.claims(token, keys(keys), flow.nonce()), false))
                    .compose(claims -> person(at, Objects.requireNonNull(claims),
                            answer.getString("access_token", "")));
        }));
    }

    /** Where to send the browser of somebody who logs out, if the provider has such a place. */
    public Future<Optional<String>> logout() {
        return endpoints().map(at -> at.endSession()
                .map(address -> withQuery(address, Map.of("client_id", settings.clientId()))));
    }

    @Override
    public void close() {
        calls.close();
    }

    private synchronized Future<Endpoints> endpoints() {
        Future<Endpoints> known = endpoints;
        boolean fresh = known != null && !known.failed() && time.nanos() - endpointsAt < KEPT_NANOS;
        if (known == null || !fresh) {
            endpointsAt = time.nanos();
            known = calls.get(settings.issuer().replaceFirst("/+$", "") + DISCOVERY, "").map(this::discovered);
            endpoints = known;
        }
        return known;
    }

    private Endpoints discovered(JsonObject told) {
        if (!settings.issuer().equals(told.getValue("issuer"))) {
            throw away("its discovery document is of another issuer");
        }
        return new Endpoints(required(told, "authorization_endpoint"), required(told, "token_endpoint"),
                required(told, "jwks_uri"), address(told, "userinfo_endpoint"),
                address(told, "end_session_endpoint"));
    }

    private String required(JsonObject told, String name) {
        return address(told, name).orElseThrow(() -> away("its discovery document names no https " + name));
    }

    /** The address of an endpoint; only an issuer without TLS may name one without TLS. */
    private Optional<String> address(JsonObject told, String name) {
        return told.getValue(name) instanceof String address && (address.startsWith("https://")
                || (address.startsWith("http://") && settings.issuer().startsWith("http://")))
                        ? Optional.of(address)
                        : Optional.empty();
    }

    private Future<JsonObject> token(Endpoints at, String code, Flow flow) {
        MultiMap form = MultiMap.caseInsensitiveMultiMap().add("grant_type", "authorization_code").add("code", code)
                .add("redirect_uri", settings.redirect().toString()).add("code_verifier", flow.verifier());
        String login = settings.secret().map(secret -> encoded(settings.clientId()) + ":" + encoded(secret.value()))
                .orElse("");
        if (login.isEmpty()) {
            form.add("client_id", settings.clientId());
        }
        return calls.post(at.token(), form, login);
    }

    private static JWKSet keys(JsonObject json) {
        try {
            return JWKSet.parse(json.encode()).toPublicJWKSet();
        } catch (ParseException odd) {
            throw away("it shows no set of JSON web keys");
        }
    }

    /** Some providers show groups at the userinfo endpoint only. */
    private Future<Person> person(Endpoints at, JWTClaimsSet claims, String accessToken) {
        JsonObject told = new JsonObject(claims.toJSONObject());
        if (told.containsKey(settings.groupsClaim()) || at.userInfo().isEmpty() || accessToken.isEmpty()) {
            return Future.succeededFuture(person(told));
        }
        return calls.get(at.userInfo().get(), accessToken).map(more -> {
            if (!claims.getSubject().equals(more.getValue("sub"))) {
                throw new LoginFailed(Why.REFUSED, "The provider tells of somebody else than its identity token.");
            }
            return person(more.mergeIn(told));
        });
    }

    private Person person(JsonObject claims) {
        String subject = claims.getString("sub");
        String name = List.of("preferred_username", "email", "name").stream().map(claims::getValue)
                .filter(String.class::isInstance).map(String.class::cast).filter(text -> !text.isBlank()).findFirst()
                .orElse(subject);
        return new Person(printable(subject), printable(name), groups(claims.getValue(settings.groupsClaim())));
    }

    private static String printable(String text) {
        String clean = text.replaceAll("[^\\p{L}\\p{N} !-~]", "?");
        return clean.length() > LONGEST_NAME ? clean.substring(0, LONGEST_NAME) : clean;
    }

    private static Set<String> groups(@Nullable Object claim) {
        return switch (claim) {
            case JsonArray many -> many.stream().filter(String.class::isInstance).map(String.class::cast)
                    .limit(MOST_GROUPS).collect(Collectors.toCollection(LinkedHashSet::new));
            case String one -> Set.of(one);
            case null, default -> Set.of();
        };
    }

    private static String withQuery(String address, Map<String, String> parameters) {
        String query = parameters.entrySet().stream().map(each -> each.getKey() + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
        return address + (address.contains("?") ? "&" : "?") + query;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static LoginFailed away(String why) {
        return new LoginFailed(Why.AWAY, "The login provider cannot be used at the moment: " + why);
    }
}
