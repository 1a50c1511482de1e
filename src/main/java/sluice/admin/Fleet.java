package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
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
import sluice.cluster.Inquiries;

/**
 * Asks all replicas the same question, this one included. Without Redis, or while it is down, only this one answers, and
 * the result says so.
 */
final class Fleet {
    private static final String TOPIC = "of";

    /**
     * One replica's answer.
     *
     * @param said empty if it did not answer
     */
    record Voice(String replica, Optional<JsonObject> said) {}

    /**
     * All answers.
     *
     * @param whole whether every replica that is known to live has answered, and all are known
     */
    record Heard(List<Voice> voices, boolean whole) {

        /** The answers of those that answered. */
        Stream<JsonObject> said() {
            return voices.stream().flatMap(voice -> voice.said().stream());
        }

        /** Each replica by name, whether it answered, and the part of its answer to show. */
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

    /** @param others the other replicas, if this is one of several */
    Fleet(Vertx vertx, Supplier<ThisReplica> self, Optional<Inquiries> others) {
        this.vertx = vertx;
        this.self = self;
        this.others = others;
        others.ifPresent(
                each -> each.answer(question -> vertx.executeBlocking(() -> bounded(new JsonObject(question)), false)
                        .map(text -> Objects.requireNonNull(text))));
    }

    /** How this replica answers a question of a topic; may be called on any thread, and may block. */
    void answers(String topic, Function<JsonObject, JsonObject> answer) {
        topics.put(topic, answer);
    }

    private JsonObject own(String topic, JsonObject question) {
        Function<JsonObject, JsonObject> answer = topics.get(topic);
        if (answer == null) {
            throw new IllegalStateException("a question that another version asks: " + topic);
        }
        return answer.apply(question);
    }

    private String bounded(JsonObject question) {
        String answer = own(question.getString(TOPIC, ""), question).encode();
        if (answer.length() > Inquiries.LONGEST_ANSWER) {
            throw new IllegalStateException("an answer that is longer than replicas may send one another");
        }
        return answer;
    }

    /** Asks them; fails with a {@link Fault} if too many questions are being asked at once. */
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
