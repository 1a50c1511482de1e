package sluice.litellm;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Teams with their keys, and keys without a team. A key is found with its team whichever list names it. */
final class Roster {

    /**
     * A team.
     *
     * @param alias its name, or its id if it has none
     */
    record Team(String alias, Fields given, Collection<Fields> keys) {}

    private final Map<String, Fields> teams = new LinkedHashMap<>();
    private final Map<String, Map<String, Fields>> ofTeam = new LinkedHashMap<>();
    private final List<Fields> alone = new ArrayList<>();

    /**
     * @param given whether the teams are known at all
     */
    Roster(List<Fields> teamList, List<Fields> keyList, boolean given, Notes notes) {
        for (Fields team : teamList) {
            String id = team.text("team_id");
            teams.put(id, team);
            Map<String, Fields> keys = ofTeam.computeIfAbsent(id, fresh -> new LinkedHashMap<>());
            team.list("keys").forEach(key -> {
                Fields fields = key instanceof String token ? Fields.of(Map.of("token", token)) : Fields.of(key);
                keys.merge(fields.text("token"), fields, Fields::or);
            });
        }
        for (Fields key : keyList) {
            String id = key.text("team_id");
            if (id.isEmpty()) {
                alone.add(key);
            } else if (teams.containsKey(id)) {
                ofTeam.computeIfAbsent(id, fresh -> new LinkedHashMap<>()).merge(key.text("token"), key, Fields::or);
            } else {
                notes.add(Notes.Kind.LEFT_OUT, given
                        ? "keys of teams that the team list does not have"
                        : "keys of teams, whose limits are not known without --teams", alias(key));
            }
        }
    }

    List<Team> teams() {
        return teams.entrySet().stream().map(team -> new Team(team.getValue().first("team_alias", "team_id"),
                team.getValue(), ofTeam.getOrDefault(team.getKey(), Map.of()).values())).toList();
    }

    /** All keys, of teams and without. */
    Stream<Fields> keys() {
        return Stream.concat(ofTeam.values().stream().flatMap(keys -> keys.values().stream()), alone.stream());
    }

    /** Keys without a team. */
    List<Fields> alone() {
        return List.copyOf(alone);
    }

    /** What people call a key. */
    static String alias(Fields key) {
        String token = key.text("token");
        return key.has("key_alias") ? key.text("key_alias") : "key-" + token.substring(0, Math.min(8, token.length()));
    }
}
