package sluice.litellm;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Keys of theirs as ours. Those that can call nothing are left out. */
final class Keys {
    private final Notes notes;

    Keys(Notes notes) {
        this.notes = notes;
    }

    /** Whether a key or a team is blocked, which is noted. */
    boolean isBlocked(String whose, Fields given) {
        String said = given.text("blocked").toLowerCase(Locale.ROOT);
        return switch (said) {
            case "", "false" -> false;
            case "true" -> {
                notes.add(Notes.Kind.LEFT_OUT, "blocked", whose);
                yield true;
            }
            default -> {
                notes.add(Notes.Kind.LEFT_OUT, "`blocked` is neither true nor false, so these count as blocked", whose,
                        said);
                yield true;
            }
        };
    }

    /** Whether a limit or a budget leaves a key or a team nothing, which is noted. */
    boolean isClosed(String whose, Fields given) {
        boolean closed = Terms.isClosed(given);
        if (closed) {
            notes.add(Notes.Kind.LEFT_OUT, "a limit or budget of 0, so LiteLLM refuses every call", whose);
        }
        return closed;
    }

    /** Its digest and its end, as the configuration has them; none, with a note, if it cannot be used. */
    Optional<Object> entry(String whose, Fields key) {
        String token = key.text("token").toLowerCase(Locale.ROOT);
        if (!token.matches("[0-9a-f]{64}")) {
            notes.add(Notes.Kind.LEFT_OUT, "the list lacks the hash of the key; make a new one with `sluice key`",
                    whose);
            return Optional.empty();
        }
        if (isBlocked(whose, key) || isClosed(whose, key) || !mayCall(whose, key)) {
            return Optional.empty();
        }
        return Optional.of(end(whose, key).<Object>map(end -> {
            Map<String, Object> ended = new LinkedHashMap<>();
            ended.put("sha256", token);
            ended.put("not-after", end);
            return ended;
        }).orElse("sha256:" + token));
    }

    /** Whether its routes hold inference, which is what a key of ours is for. */
    private boolean mayCall(String whose, Fields key) {
        Set<String> routes = key.texts("allowed_routes");
        if (!Routes.holdInference(routes)) {
            notes.add(Notes.Kind.LEFT_OUT,
                    "keys whose allowed_routes call no model; the admin API has tokens of its own",
                    whose, routes.toArray(String[]::new));
            return false;
        }
        if (!Routes.narrow(routes).isEmpty()) {
            notes.add(Notes.Kind.TO_DO, "these keys may now call more than before, all of inference; `endpoints` of a"
                    + " tenant of their own narrows it", whose, routes.toArray(String[]::new));
        }
        return true;
    }

    private Optional<String> end(String whose, Fields key) {
        String expires = key.text("expires");
        try {
            return expires.isEmpty()
                    ? Optional.empty()
                    : Optional.of(time(expires.strip().replace(' ', 'T')).toString());
        } catch (DateTimeException unreadable) {
            notes.add(Notes.Kind.TO_DO, "set not-after: the time at which the key expires cannot be read", whose,
                    expires);
            return Optional.empty();
        }
    }

    /** A time without a zone is UTC, as at LiteLLM; a day begins at midnight; a number counts seconds since 1970. */
    private static Instant time(String text) {
        if (text.matches("\\d{9,10}")) {
            return Instant.ofEpochSecond(Long.parseLong(text));
        }
        if (!text.contains("T")) {
            return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        }
        return text.matches(".*(Z|[+-]\\d\\d:?\\d\\d)")
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    }
}
