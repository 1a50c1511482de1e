package sluice.openai;

import static sluice.openai.EndpointClass.ADMIN;
import static sluice.openai.EndpointClass.BATCH;
import static sluice.openai.EndpointClass.FILES;
import static sluice.openai.EndpointClass.FINE_TUNING;
import static sluice.openai.EndpointClass.INFERENCE;
import static sluice.openai.EndpointClass.REALTIME;
import static sluice.openai.EndpointClass.REALTIME_DIRECT;
import static sluice.openai.EndpointClass.STORED_OBJECTS;
import static sluice.openai.Reads.FORM;
import static sluice.openai.Reads.JSON;
import static sluice.openai.Reads.NOTHING;
import static sluice.openai.Spends.ANSWER;
import static sluice.openai.Spends.INPUT;
import static sluice.openai.Spends.REQUEST;
import static sluice.openai.StreamEnd.DONE_LINE;
import static sluice.openai.StreamEnd.IMAGE_EVENT;
import static sluice.openai.StreamEnd.NONE;
import static sluice.openai.StreamEnd.RESPONSE_EVENT;
import static sluice.openai.StreamEnd.SPEECH_EVENT;
import static sluice.openai.StreamEnd.TRANSCRIPT_EVENT;
import static sluice.openai.UsageAt.NOWHERE;
import static sluice.openai.UsageAt.RESPONSE;
import static sluice.openai.UsageAt.ROOT;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The routes of the OpenAI API, one per row with everything known about it in advance. The first row that matches a
 * request wins.
 *
 * <p>The method may be {@code *}, or {@value #WEBSOCKET} for a GET that asks for one. In a path, {@code {}} matches one
 * segment and a final {@code **} matches any number of them, including none.
 */
public enum Endpoint {
    // method, path, class, what is read of the body, what it spends, how its streams end, where usage is, cacheable
    CHAT_COMPLETIONS("POST", "/chat/completions", INFERENCE, JSON, ANSWER, DONE_LINE, ROOT, true), //
    COMPLETIONS("POST", "/completions", INFERENCE, JSON, ANSWER, DONE_LINE, ROOT, true), //
    EMBEDDINGS("POST", "/embeddings", INFERENCE, JSON, INPUT, NONE, ROOT, true), //
    MODERATIONS("POST", "/moderations", INFERENCE, JSON, REQUEST, NONE, NOWHERE, true), //
    RESPONSES("POST", "/responses", INFERENCE, JSON, ANSWER, RESPONSE_EVENT, RESPONSE, true), //
    RESPONSES_COMPACT("POST", "/responses/compact", INFERENCE, JSON, ANSWER, NONE, ROOT, false), //
    RESPONSES_INPUT_TOKENS("POST", "/responses/input_tokens", INFERENCE, JSON, REQUEST, NONE, NOWHERE, false), //
    RESPONSES_SOCKET("WEBSOCKET", "/responses", INFERENCE, NOTHING, Spends.NOTHING, NONE, RESPONSE, false), //
    DECISIONS("POST", "/decisions", INFERENCE, JSON, ANSWER, NONE, ROOT, true), //
    IMAGES_GENERATIONS("POST", "/images/generations", INFERENCE, JSON, ANSWER, IMAGE_EVENT, ROOT, false), //
    IMAGES_EDITS("POST", "/images/edits", INFERENCE, FORM, ANSWER, IMAGE_EVENT, ROOT, false), //
    IMAGES_VARIATIONS("POST", "/images/variations", INFERENCE, FORM, ANSWER, NONE, ROOT, false), //
    AUDIO_SPEECH("POST", "/audio/speech", INFERENCE, JSON, INPUT, SPEECH_EVENT, ROOT, false), //
    AUDIO_TRANSCRIPTIONS("POST", "/audio/transcriptions", INFERENCE, FORM, REQUEST, TRANSCRIPT_EVENT, ROOT, false), //
    AUDIO_TRANSLATIONS("POST", "/audio/translations", INFERENCE, FORM, REQUEST, NONE, NOWHERE, false), //
    MODELS("GET", "/models", INFERENCE, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    MODEL("GET", "/models/{}", INFERENCE, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //

    STORED_COMPLETIONS("*", "/chat/completions/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    STORED_RESPONSES("*", "/responses/{}/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, RESPONSE_EVENT, NOWHERE, false), //
    CONVERSATIONS("*", "/conversations/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    NEW_ASSISTANTS("POST", "/assistants/**", STORED_OBJECTS, JSON, Spends.NOTHING, NONE, NOWHERE, false), //
    ASSISTANTS("*", "/assistants/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    THREADS_RUNS("POST", "/threads/runs", STORED_OBJECTS, JSON, ANSWER, DONE_LINE, ROOT, false), //
    THREAD_RUNS("POST", "/threads/{}/runs", STORED_OBJECTS, JSON, ANSWER, DONE_LINE, ROOT, false), //
    TOOL_OUTPUTS("POST", "/threads/{}/runs/{}/submit_tool_outputs", STORED_OBJECTS, JSON, ANSWER, DONE_LINE, ROOT,
            false), //
    THREADS("*", "/threads/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    CHATKIT_THREADS("*", "/chatkit/threads/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    NEW_VIDEOS("POST", "/videos", STORED_OBJECTS, FORM, REQUEST, NONE, NOWHERE, false), //
    VIDEO_EDITS("POST", "/videos/edits", STORED_OBJECTS, FORM, REQUEST, NONE, NOWHERE, false), //
    VIDEO_EXTENSIONS("POST", "/videos/extensions", STORED_OBJECTS, FORM, REQUEST, NONE, NOWHERE, false), //
    VIDEO_REMIXES("POST", "/videos/{}/remix", STORED_OBJECTS, FORM, REQUEST, NONE, NOWHERE, false), //
    VIDEOS("*", "/videos/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    CONTAINERS("*", "/containers/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    SKILLS("*", "/skills/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    VOICES("*", "/audio/voices/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    VOICE_CONSENTS("*", "/audio/voice_consents/**", STORED_OBJECTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //

    FILE("*", "/files/**", FILES, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    UPLOADS("*", "/uploads/**", FILES, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    VECTOR_STORES("*", "/vector_stores/**", FILES, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    PROVENANCE_CHECKS("*", "/content_provenance_checks/**", FILES, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //

    FINE_TUNING_JOBS("POST", "/fine_tuning/jobs", FINE_TUNING, JSON, Spends.NOTHING, NONE, NOWHERE, false), //
    FINE_TUNINGS("*", "/fine_tuning/**", FINE_TUNING, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    EVALS("*", "/evals/**", FINE_TUNING, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    MODEL_DELETION("DELETE", "/models/{}", FINE_TUNING, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    BATCHES("*", "/batches/**", BATCH, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //

    AGENT_SESSIONS("POST", "/agents/sessions", EndpointClass.AGENTS, JSON, REQUEST, NONE, NOWHERE, false), //
    AGENT_EVENTS("POST", "/agents/sessions/{}/events", EndpointClass.AGENTS, JSON, REQUEST, NONE, NOWHERE, false), //
    AGENT_INVOCATIONS("POST", "/agents/automations/{}/invocations", EndpointClass.AGENTS, JSON, REQUEST, NONE, NOWHERE,
            false), //
    NEW_AGENTS("POST", "/agents/**", EndpointClass.AGENTS, JSON, Spends.NOTHING, NONE, NOWHERE, false), //
    AGENTS("*", "/agents/**", EndpointClass.AGENTS, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //

    REALTIME_SOCKET("WEBSOCKET", "/realtime", REALTIME, NOTHING, Spends.NOTHING, NONE, RESPONSE, false), //
    REALTIME_TRANSLATIONS("WEBSOCKET", "/realtime/translations", REALTIME, NOTHING, Spends.NOTHING, NONE, RESPONSE,
            false), //
    LIVE_SOCKET("WEBSOCKET", "/live/sessions", REALTIME, NOTHING, Spends.NOTHING, NONE, RESPONSE, false), //
    LIVE_ATTACHMENTS("WEBSOCKET", "/live/sessions/{}/attach", REALTIME, NOTHING, Spends.NOTHING, NONE, RESPONSE,
            false), //
    LIVE_FORKS("WEBSOCKET", "/live/sessions/{}/fork", REALTIME, NOTHING, Spends.NOTHING, NONE, RESPONSE, false), //
    LIVE_CALLS("POST", "/live/sessions/**", REALTIME_DIRECT, JSON, Spends.NOTHING, NONE, NOWHERE, false), //
    LIVE_RECORDINGS("*", "/live/sessions/**", REALTIME, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    REALTIME_SESSIONS("*", "/realtime/{}/**", REALTIME_DIRECT, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    CHATKIT_SESSIONS("*", "/chatkit/**", REALTIME_DIRECT, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    ORGANIZATION("*", "/organization/**", ADMIN, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    PROJECTS("*", "/projects/**", ADMIN, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    VAULTS("*", "/vaults/**", ADMIN, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    WEBHOOKS("*", "/webhook_endpoints/**", ADMIN, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    WEBHOOK_EVENTS("*", "/webhook_event_types/**", ADMIN, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    SAFETY("*", "/safety/**", ADMIN, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //

    /** The gateway's own: what remains of the caller's limits, and what it has used. */
    SLUICE_LIMITS("GET", "/sluice/limits", INFERENCE, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //
    SLUICE_USAGE("GET", "/sluice/usage", INFERENCE, NOTHING, Spends.NOTHING, NONE, NOWHERE, false), //

    /** Any other unambiguous path; it may run a model, so it spends one request of the quota. */
    OTHER("*", "/**", EndpointClass.OTHER, NOTHING, REQUEST, NONE, NOWHERE, false);

    /** The method used here for a GET that asks for a WebSocket. */
    public static final String WEBSOCKET = "WEBSOCKET";

    private final String method;
    private final String path;
    private final EndpointClass endpointClass;
    private final Reads reads;
    private final Spends spends;
    private final StreamEnd streamEnd;
    private final UsageAt usageAt;
    private final boolean cacheable;

    Endpoint(String method, String path, EndpointClass endpointClass, Reads reads, Spends spends, StreamEnd streamEnd,
            UsageAt usageAt, boolean cacheable) {
        this.method = method;
        this.path = path;
        this.endpointClass = endpointClass;
        this.reads = reads;
        this.spends = spends;
        this.streamEnd = streamEnd;
        this.usageAt = usageAt;
        this.cacheable = cacheable;
    }

    /** {@code GET}, {@code POST}, … or {@code *} for any. */
    public String method() {
        return method;
    }

    /** Relative to the base URL, starting with a slash. */
    public String path() {
        return path;
    }

    /** The class a tenant must be granted to call it. */
    public EndpointClass endpointClass() {
        return endpointClass;
    }

    /** How much of its body must be parsed. */
    public Reads reads() {
        return reads;
    }

    /** What a call takes from the account's quota. */
    public Spends spends() {
        return spends;
    }

    /** Whether a call may run a model and so needs a permit from the account. */
    public boolean needsPermit() {
        return spends != Spends.NOTHING;
    }

    /** How its streams show that they are complete. */
    public StreamEnd streamEnd() {
        return streamEnd;
    }

    /** Where its answers report the tokens used. */
    public UsageAt usageAt() {
        return usageAt;
    }

    /** Whether its answers may be reused for an identical call. */
    public boolean cacheable() {
        return cacheable;
    }

    /** Whether the gateway reads its answers, which must therefore not be compressed. */
    public boolean answerIsRead() {
        return cacheable || usageAt != UsageAt.NOWHERE || endpointClass.hasOwners() || this == MODELS
                || this == LIVE_CALLS;
    }

    /** Whether the gateway itself answers, to any tenant; such a call never reaches the upstream. */
    public boolean own() {
        return this == SLUICE_LIMITS || this == SLUICE_USAGE;
    }

    /**
     * Whether a call counts against its tenant's limits of requests. The one that reports those limits does not: whoever is
     * refused must be able to ask why.
     */
    public boolean countsAsRequest() {
        return this != SLUICE_LIMITS;
    }

    /** Whether it is a stream of messages in both directions. */
    public boolean socket() {
        return method.equals(WEBSOCKET);
    }

    /** The name in metrics and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether the upstream runs a model of its own choice if a call names none: by what is stored, or by what else the
     * call asks for.
     */
    public boolean upstreamMayChooseModel() {
        return switch (this) {
            case RESPONSES, RESPONSES_COMPACT, RESPONSES_INPUT_TOKENS, IMAGES_GENERATIONS -> true;
            default -> false;
        };
    }

    /** The API's default model; null if the caller must name one, or if no model is run. */
    public @Nullable String defaultModel() {
        return switch (this) {
            case MODERATIONS -> "omni-moderation-latest";
            case IMAGES_GENERATIONS, IMAGES_VARIATIONS -> "dall-e-2";
            case IMAGES_EDITS -> "gpt-image-1.5";
            case NEW_VIDEOS, VIDEO_EDITS, VIDEO_EXTENSIONS, VIDEO_REMIXES -> "sora-2";
            default -> null;
        };
    }
}
