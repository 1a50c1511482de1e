package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Containers and their files, whose contents are not kept; and skills with their versions. */
final class Containers {
    private static final Kind CONTAINER = new Kind("containers", "cntr_", "container",
            asked -> new JsonObject().put("name", asked.getValue("name", "")).put("status", "running")
                    .put("memory_limit", asked.getValue("memory_limit", "1g"))
                    .put("expires_after", asked.getValue("expires_after")));
    private static final NestedKind FILE = new NestedKind(CONTAINER, "files", "container.file");

    private static final Kind SKILL = new Kind("skills", "skill_", "skill", Containers::skill);
    private static final NestedKind VERSION = new NestedKind(SKILL, "versions", "skill.version");

    private Containers() {}

    static void addTo(Paths paths) {
        CONTAINER.addTo(paths);
        FILE.addTo(paths);
        paths.post(FILE.path(), Containers::file);
        paths.get(FILE.path() + "/:item/content", visit -> Reply.whole("application/octet-stream",
                Buffer.buffer("file " + FILE.found(visit).getString("id"))));
        paths.post(SKILL.path(), visit -> Reply.json(version(visit, SKILL.create(visit))));
        SKILL.addTo(paths);
        paths.get(SKILL.path() + "/:id/content", visit -> zip(SKILL.found(visit)));
        VERSION.addTo(paths);
        paths.post(VERSION.path(), visit -> Reply.json(fresh(visit, SKILL.found(visit))));
        paths.get(VERSION.path() + "/:item/content", visit -> zip(VERSION.found(visit)));
    }

    private static Reply file(Visit visit) {
        CONTAINER.found(visit);
        String name = visit.body().file("file").map(Body.FormFile::name).orElse("file");
        return Reply.json(FILE.put(visit, visit.id(), new JsonObject().put("id", Ids.fresh("cfile_"))
                .put("object", "container.file").put("container_id", visit.id()).put("created_at", visit.now())
                .put("bytes", visit.weight()).put("path", "/mnt/data/" + name).put("source", "user")));
    }

    private static JsonObject skill(JsonObject asked) {
        return new JsonObject().put("name", asked.getValue("name", "skill"))
                .put("description", asked.getValue("description", "A skill."))
                .put("default_version", "1").put("latest_version", "1");
    }

    private static JsonObject version(Visit visit, JsonObject skill) {
        VERSION.put(visit, skill.getString("id"), numbered(visit, skill, "1"));
        return skill;
    }

    private static JsonObject fresh(Visit visit, JsonObject skill) {
        String next = String.valueOf(Integer.parseInt(skill.getString("latest_version")) + 1);
        skill.put("latest_version", next);
        return VERSION.put(visit, skill.getString("id"), numbered(visit, skill, next));
    }

    /** A version is found by its number. */
    private static JsonObject numbered(Visit visit, JsonObject skill, String number) {
        return new JsonObject().put("id", number).put("object", "skill.version").put("created_at", visit.now())
                .put("skill_id", skill.getString("id")).put("version", number).put("name", skill.getString("name"))
                .put("description", skill.getString("description"));
    }

    private static Reply zip(JsonObject of) {
        return Reply.whole("application/zip", Buffer.buffer("zip of " + of.getString("id")));
    }
}
