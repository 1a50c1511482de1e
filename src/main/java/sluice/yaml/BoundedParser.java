package sluice.yaml;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.parser.Parser;

/**
 * Rejects YAML that is deeper or, with its aliases expanded, larger than any real configuration. The composer recurses
 * once per level, and readers of the nodes follow every alias.
 */
final class BoundedParser implements Parser {
    private static final int DEEPEST = 50;
    private static final long MOST_VALUES = 5_000_000;

    /** An open list or mapping, and the number of values in it so far. */
    private static final class Open {
        private final @Nullable Anchor anchor;
        private long values = 1;

        private Open(@Nullable Anchor anchor) {
            this.anchor = anchor;
        }
    }

    private final Parser parser;
    private final Deque<Open> open = new ArrayDeque<>();
    private final Map<Anchor, Long> sizes = new HashMap<>();

    BoundedParser(Parser parser) {
        this.parser = parser;
        open.push(new Open(null));
    }

    @Override
    public boolean checkEvent(Event.ID choice) {
        return parser.checkEvent(choice);
    }

    @Override
    public Event peekEvent() {
        return parser.peekEvent();
    }

    @Override
    public boolean hasNext() {
        return parser.hasNext();
    }

    @Override
    public Event next() {
        Event event = parser.next();
        switch (event) {
            case CollectionStartEvent begun -> {
                open.push(new Open(begun.getAnchor().orElse(null)));
                if (open.size() > DEEPEST) {
                    throw refused("more than " + DEEPEST + " levels deep", event);
                }
            }
            case CollectionEndEvent ended -> {
                Open done = open.pop();
                add(done.values, Optional.ofNullable(done.anchor), event);
            }
            case AliasEvent alias -> {
                if (open.stream().anyMatch(around -> alias.getAnchor().equals(Optional.ofNullable(around.anchor)))) {
                    throw refused("an alias inside its own anchor", event);
                }
                add(alias.getAnchor().map(sizes::get).orElse(1L), Optional.empty(), event);
            }
            case NodeEvent single -> add(1, single.getAnchor(), event);
            default -> {
                // The start or end of a document or of the stream.
            }
        }
        return event;
    }

    private void add(long values, Optional<Anchor> anchor, Event at) {
        anchor.ifPresent(name -> sizes.put(name, values));
        Open within = open.element();
        within.values += values;
        if (within.values > MOST_VALUES) {
            throw refused("more than " + MOST_VALUES + " values, aliases included", at);
        }
    }

    private static ParserException refused(String what, Event at) {
        return new ParserException(what, at.getStartMark());
    }
}
