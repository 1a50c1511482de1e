package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cluster.Inquiries;

/**
 * What all replicas say to the same question, this one included. Alone, or while Redis is away, that is this one only, and
 * the answer says so.
 */
final class Fleet {
    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);
    private static final String TOPIC = "of";

    /**
     * What a replica says.
     *
     * @param said empty if it did not answer
     */
    record Voice(String replica, Optional<JsonObject> said) {}

    /**
     * What they say.
     *
     * @param whole whether every replica that is known to live has answered, and all are known
     */
    record Heard(List<Voice> voices, boolean whole) {

        /** What those say who have answered. */
        Stream<JsonObject> said() {
            return voices.stream().flatMap(voice -> voice.said().stream());
        }

        /** Each replica by name, whether it has answered, and what is shown of its answer. */
        JsonArray json(Function<JsonObject, JsonObject> shown) {
            JsonArray all = new JsonArray();
            for (Voice voice : voices) {
                JsonObject one = new JsonObject().put("replica", voice.replica()).put("answered",
                        voice.said().isPresent());
                voice.said().ifPresent(said -> one.mergeIn(shown.apply(said)));
                all.add(one);
            }
            return all;
        }
    }

    private final Vertx vertx;
    private final Supplier<ThisReplica> self;
    private final Optional<Inquiries> others;
    private final Map<String, Function<JsonObject, JsonObject>> topics = new ConcurrentHashMap<>();

    /** @param others the other replicas, if there is anything that they share */
    Fleet(Vertx vertx, Supplier<ThisReplica> self, Optional<Inquiries> others) {
        this.vertx = vertx;
        this.self = self;
        this.others = others;
        others.ifPresent(each -> each.answer(question -> vertx.executeBlocking(() -> bounded(question), false)
                .map(text -> Objects.requireNonNull(text))));
    }

    /** How this replica answers a question of a topic; may be called on any thread, and may block. */
    void answers(String topic, Function<JsonObject, JsonObject> answer) {
        topics.put(topic, answer);
    }

    private JsonObject own(String topic, JsonObject question) {
        return Objects.requireNonNull(topics.get(topic), topic).apply(question);
    }

    /** A replica of another version may ask what this one does not know. */
    private String bounded(String question) {
        try {
            JsonObject asked = new JsonObject(question);
            String text = own(asked.getString(TOPIC, ""), asked).encode();
            if (text.length() <= Inquiries.LONGEST_ANSWER) {
                return text;
            }
        } catch (DecodeException | ClassCastException | NullPointerException unknown) {
            LOG.debug("a question of another replica is not understood", unknown);
        }
        throw new IllegalStateException("no answer to this question");
    }

    /** What they say; fails with a {@link Fault} if too many questions are asked at once. */
    Future<Heard> ask(String topic, JsonObject question) {
        String me = self.get().name();
        Future<JsonObject> own = vertx.executeBlocking(() -> own(topic, question), false)
                .map(said -> Objects.requireNonNull(said));
        if (others.isEmpty()) {
            return own.map(said -> new Heard(List.of(new Voice(me, Optional.of(said))), true));
        }
        return own.compose(said -> others.get().ask(question.copy().put(TOPIC, topic).encode())
                .map(told -> heard(told, me, said))
                .recover(failure -> failure instanceof Inquiries.Busy
                        ? Future.failedFuture(Fault.of(503, "overloaded",
                                "The replicas are being asked too much at once. Please try again."))
                        : Future.succeededFuture(new Heard(List.of(new Voice(me, Optional.of(said))), false))));
    }

    /** This replica's own answer needs no way round by Redis. */
    private static Heard heard(List<Inquiries.Told> told, String me, JsonObject own) {
        Stream<Voice> others = told.stream().filter(each -> !each.replica().equals(me))
                .map(each -> new Voice(each.replica(), each.answer().map(JsonObject::new)));
        List<Voice> voices = Stream.concat(Stream.of(new Voice(me, Optional.of(own))), others).toList();
        return new Heard(voices, voices.stream().allMatch(voice -> voice.said().isPresent()));
    }
}
