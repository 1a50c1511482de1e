package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.cache.AnswerCache;
import sluice.cache.CacheControl;
import sluice.cache.CachePolicy;
import sluice.cache.Cacheability;
import sluice.cache.PromptKey;
import sluice.explain.Explainer;
import sluice.explain.Question;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.openai.EnvelopeReader;
import sluice.openai.MalformedBody;
import sluice.openai.Reads;
import sluice.openai.Route;
import sluice.quota.Ending;
import sluice.quota.Verdict;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenancy;
import sluice.tenancy.Tenant;
import sluice.tenancy.TenantDirectory;

/** What would happen to a call of a tenant. For its own team it costs one request, as the call itself would. */
final class ExplainResource {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern METHOD = Pattern.compile("GET|POST|DELETE");
    private static final Pattern PATH = Pattern.compile("/[!-~]{1,1023}");
    private static final Pattern TAGS = Pattern.compile("[ -~]{0,1000}");

    private final TenantDirectory directory;
    private final AnswerCache cache;
    private final Explainer explainer;

    ExplainResource(TenantDirectory directory, AnswerCache cache, Explainer explainer) {
        this.directory = directory;
        this.cache = cache;
        this.explainer = explainer;
    }

    /** A call as it is described. */
    private record Described(Tenancy tenancy, Route.Known route, JsonObject body, Tags tags, CacheControl control) {}

    Future<Reply> explain(AdminCall call) {
        call.knows();
        Fields fields = call.requiredFields();
        String name = fields.required("tenant", NAME, "the name of a tenant");
        String method = fields.text("method", METHOD, "GET, POST or DELETE").orElse("POST");
        String path = fields.text("path", PATH, "a path such as /v1/chat/completions").orElse("/v1/chat/completions");
        Optional<String> tagsText = fields.text("tags", TAGS, Tags.Unclear.EXPECTED);
        Optional<String> namespace = fields.text("namespace", CachePolicy.NAMESPACE,
                "the name of a namespace of the cache");
        JsonObject body = fields.object("body").orElseGet(JsonObject::new);
        fields.finish();
        call.mustSee(name);
        Tags tags = tags(tagsText.orElse(null));
        CacheControl control = control(namespace.orElse(null));
        Tenancy tenancy = directory.named(name).orElseThrow(() -> Fault.absent("tenant", name));
        return unpaid(call, tenancy).map(refusal -> {
            if (refusal.isPresent()) {
                return refused(tenancy, path, "rate_limit_exceeded",
                        "The limit " + refusal.get().name() + " has no request left for this.");
            }
            return Route.of(method, path, false) instanceof Route.Known known
                    ? explained(new Described(tenancy, known, body, tags, control), path, call.onlyTenant().isEmpty())
                    : refused(tenancy, path, "unknown_url", "There is no such route for " + method + ".");
        });
    }

    /** Takes one request of its tenant, which stays spent; operators pay nothing. What refused it, if anything did. */
    private static Future<Optional<Verdict.Refused>> unpaid(AdminCall call, Tenancy tenancy) {
        if (call.onlyTenant().isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        return tenancy.quota().takeRequest().map(verdict -> switch (verdict) {
            case Verdict.Granted(var reservation) -> {
                reservation.close(Ending.NOT_RUN);
                yield Optional.empty();
            }
            case Verdict.Refused refused -> Optional.of(refused);
        });
    }

    private static CacheControl control(@Nullable String namespace) {
        try {
            return CacheControl.parse(null).with(null, namespace);
        } catch (CacheControl.Unclear unclear) {
            throw Fault.invalid("namespace", unclear.expected());
        }
    }

    private static Tags tags(@Nullable String text) {
        try {
            return Tags.parse(text);
        } catch (Tags.Unclear unclear) {
            throw Fault.invalid("tags", Tags.Unclear.EXPECTED);
        }
    }

    private Reply explained(Described call, String path, boolean naming) {
        Tenant tenant = call.tenancy().tenant();
        Endpoint endpoint = call.route().endpoint();
        if (!tenant.mayCall(endpoint.endpointClass()) && !endpoint.own()) {
            return refused(call.tenancy(), path, "endpoint_not_allowed",
                    "The tenant is not granted the class " + endpoint.endpointClass().key() + ".");
        }
        String missing = endpoint.own() ? null : call.tags().lacks(tenant.tags().required());
        if (missing != null) {
            return refused(call.tenancy(), path, "invalid_header", "The call must carry the tag " + missing + ".");
        }
        byte[] bytes = call.body().encode().getBytes(StandardCharsets.UTF_8);
        Envelope envelope;
        try {
            envelope = endpoint.reads() == Reads.JSON ? EnvelopeReader.read(bytes, endpoint) : Envelope.NONE;
        } catch (MalformedBody malformed) {
            return refused(call.tenancy(), path, malformed.code(), malformed.reason());
        }
        String model = Optional.ofNullable(envelope.model()).or(() -> Optional.ofNullable(call.route().model()))
                .or(() -> Optional.ofNullable(endpoint.defaultModel())).orElse("");
        if (!model.isEmpty() && !tenant.mayUse(model)) {
            return refused(call.tenancy(), path, "model_not_allowed",
                    "The tenant may not use the model " + model + ".");
        }
        Set<String> accounts = envelope.boundToHome(endpoint) ? Set.of(tenant.home()) : call.tenancy().accounts();
        Question question = new Question(call.tenancy(), endpoint, envelope, model, "", call.tags().text(), accounts,
                caching(call, envelope, model, bytes), tenant.standing().maxWait().toNanos(), tenant.standing().lane());
        return Reply.json(explainer.explain(question, naming));
    }

    private Question.Caching caching(Described call, Envelope envelope, String model, byte[] bytes) {
        Tenant tenant = call.tenancy().tenant();
        Endpoint endpoint = call.route().endpoint();
        CachePolicy policy = tenant.caching().of(model);
        if (!Cacheability.allows(policy.mode(), endpoint, envelope, model)) {
            return new Question.Caching("BYPASS", Optional.empty(), policy, call.control());
        }
        String scope = cache.settings().scope() == AnswerCache.Scope.SHARED ? "" : tenant.name();
        PromptKey key = PromptKey.of(scope, policy.namespace(call.control()), call.route().target(), null, bytes,
                envelope.model() == null ? call.route().model() : null);
        String result = cache.find(key, call.control()).isPresent() ? "HIT" : "MISS";
        return new Question.Caching(result, Optional.of(key), policy, call.control());
    }

    private static Reply refused(Tenancy tenancy, String path, @Nullable String code, String because) {
        return Reply.json(new JsonObject().put("object", "explanation").put("tenant", tenancy.tenant().name())
                .put("path", path).put("would", "refuse").put("code", code).put("because", because)
                .putNull("wait_ms"));
    }
}
