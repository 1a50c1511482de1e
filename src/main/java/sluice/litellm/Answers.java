package sluice.litellm;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What LiteLLM's proxy answered when asked for its teams or keys: a list, or pages of one, each in a file. */
final class Answers {
    private static final String CURL = "curl -fsS -H \"Authorization: Bearer $LITELLM_MASTER_KEY\" ";
    private static final int LONGEST_QUOTE = 200;

    /**
     * A question to the proxy.
     *
     * @param list where the answer has the list, unless it is one
     * @param id   the field that every item has
     * @param run  asks it
     */
    private record Question(String list, String id, String run) {}

    private static final Question TEAMS = new Question("teams", "team_id", CURL + "http://litellm:4000/team/list");
    private static final Question KEYS = new Question("keys", "token",
            CURL + "'http://litellm:4000/key/list?return_full_object=true&size=100'");

    private final Question question;
    private final Map<String, Fields> items = new LinkedHashMap<>();
    private final Set<Long> pages = new TreeSet<>();
    private long lastPage;
    private long total;

    private Answers(Question question) {
        this.question = question;
    }

    /** The teams, each once. */
    static List<Fields> teams(List<Conversion.Answer> files) throws UnusableAnswer {
        return new Answers(TEAMS).read(files);
    }

    /** The keys, each once. */
    static List<Fields> keys(List<Conversion.Answer> files) throws UnusableAnswer {
        return new Answers(KEYS).read(files);
    }

    private List<Fields> read(List<Conversion.Answer> files) throws UnusableAnswer {
        for (Conversion.Answer file : files) {
            read(file);
        }
        boolean allPages = lastPage > 0 && pages.size() >= lastPage;
        if (pages.size() < lastPage || (total > items.size() && !allPages)) {
            throw new UnusableAnswer(String.join(", ", files.stream().map(Conversion.Answer::name).toList()) + ": "
                    + items.size()
                    + " of " + total + " " + question.list() + ", page " + numbers() + " of " + lastPage
                    + ". Save the other pages too (&page=2), and give them all: --" + question.list() + " FILE --"
                    + question.list() + " FILE");
        }
        return List.copyOf(items.values());
    }

    private String numbers() {
        return String.join(", ", pages.stream().map(String::valueOf).toList());
    }

    private void read(Conversion.Answer file) throws UnusableAnswer {
        Object answer = parsed(file);
        Fields fields = Fields.of(answer);
        boolean listed = answer instanceof List<?> || fields.values().get(question.list()) instanceof List<?>;
        if (!listed) {
            throw unusable(file, held(fields));
        }
        for (Object item : answer instanceof List<?> list ? list : fields.list(question.list())) {
            add(file, item);
        }
        pages.add(Math.max(1, fields.count(fields.has("current_page") ? "current_page" : "page")));
        lastPage = Math.max(lastPage, fields.count("total_pages"));
        total = Math.max(total, fields.count(fields.has("total_count") ? "total_count" : "total"));
    }

    private void add(Conversion.Answer file, Object item) throws UnusableAnswer {
        Fields fields = Fields.of(item);
        if (question.equals(KEYS) && item instanceof String) {
            throw unusable(file, "nothing but the hashes of keys");
        }
        if (fields.text(question.id()).isEmpty()) {
            throw unusable(file, "a list, but not of " + question.list() + " (one has no " + question.id() + ")");
        }
        items.merge(fields.text(question.id()), fields, Fields::or);
    }

    private @Nullable Object parsed(Conversion.Answer file) throws UnusableAnswer {
        String text = file.text().strip();
        if (text.isEmpty()) {
            throw unusable(file, "nothing");
        }
        try {
            return switch (Json.decodeValue(text)) {
                case JsonObject object -> object.getMap();
                case JsonArray array -> new ArrayList<Object>(array.getList());
                case null, default -> throw unusable(file, "no list");
            };
        } catch (DecodeException notJson) {
            throw unusable(file, text.startsWith("<") ? "HTML" : "something that is not JSON");
        }
    }

    private static String held(Fields answer) {
        String error = answer.in("error").text("message");
        String detail = answer.in("detail").first("error", "message");
        String said = List.of(error, detail, answer.text("error"), answer.text("detail")).stream()
                .filter(each -> !each.isEmpty()).findFirst().orElse("");
        return said.isEmpty()
                ? answer.names().isEmpty()
                        ? "an empty object"
                        : "an object with " + String.join(", ", answer.names().stream().limit(5).toList())
                : "an error: " + said.lines().findFirst().orElse("").substring(0,
                        Math.min(LONGEST_QUOTE, said.lines().findFirst().orElse("").length()));
    }

    private UnusableAnswer unusable(Conversion.Answer file, String held) {
        return new UnusableAnswer(file.name() + " holds " + held + ", where a list of " + question.list()
                + " is expected. Save it with: " + question.run() + " > " + question.list() + ".json");
    }
}
