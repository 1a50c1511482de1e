package sluice.managed;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.tenancy.KeyDigest;

/**
 * The last directory this replica knew, on disk: settings and digests, no keys. One JSON array per line; the last
 * line gives the number of lines before it, and a file without it is incomplete and ignored.
 */
public record DirectoryFile(Path file) {
    private static final String BEGIN = "sluice-directory-1";
    private static final String TENANT = "tenant";
    private static final String KEY = "key";
    private static final String REVOKED = "revoked";
    private static final String END = "end";

    /** Replaces the content, entirely or not at all. */
    void write(Changes all) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        long lines = 0;
        try (BufferedWriter out = Files.newBufferedWriter(fresh)) {
            line(out, new JsonArray().add(BEGIN).add(all.number()));
            for (ManagedTenant each : all.tenants()) {
                line(out, new JsonArray().add(TENANT).add(each.name()).add(each.settings())
                        .add(each.created().toEpochMilli()).add(each.changed().toEpochMilli()));
                lines++;
            }
            for (ManagedKey each : all.keys()) {
                line(out, new JsonArray().add(KEY).add(each.digest().hex()).add(each.tenant()).add(each.label())
                        .add(each.createdBy()).add(each.created().toEpochMilli())
                        .add(each.notAfter().map(Instant::toEpochMilli).orElse(0L)).add(each.replacedBy().orElse("")));
                lines++;
            }
            for (String id : all.revocations().keySet()) {
                line(out, new JsonArray().add(REVOKED).add(id));
                lines++;
            }
            line(out, new JsonArray().add(END).add(lines));
        }
        try (FileChannel written = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void line(BufferedWriter out, JsonArray values) throws IOException {
        out.write(values.encode());
        out.write('\n');
    }

    /** What was written last; empty if there is nothing complete. */
    Optional<Changes> read() throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            return read(in);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (DecodeException | ClassCastException | IllegalArgumentException | NullPointerException
                | IndexOutOfBoundsException damaged) {
            return Optional.empty();
        }
    }

    private static Optional<Changes> read(BufferedReader in) throws IOException {
        List<ManagedTenant> tenants = new ArrayList<>();
        List<ManagedKey> keys = new ArrayList<>();
        Map<String, Boolean> revoked = new HashMap<>();
        String first = in.readLine();
        JsonArray head = new JsonArray(first == null ? "[]" : first);
        if (head.isEmpty() || !head.getString(0).equals(BEGIN)) {
            return Optional.empty();
        }
        long lines = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonArray values = new JsonArray(line);
            switch (values.getString(0)) {
                case TENANT -> tenants.add(tenant(values));
                case KEY -> keys.add(key(values));
                case REVOKED -> revoked.put(values.getString(1), true);
                case END -> {
                    return values.getLong(1) == lines
                            ? Optional.of(
                                    new Changes(head.getLong(1), true, tenants, List.of(), keys, List.of(), revoked))
                            : Optional.empty();
                }
                default -> {
                    // Of a later version.
                }
            }
            lines++;
        }
        return Optional.empty();
    }

    private static ManagedTenant tenant(JsonArray values) {
        return new ManagedTenant(values.getString(1), values.getString(2), Instant.ofEpochMilli(values.getLong(3)),
                Instant.ofEpochMilli(values.getLong(4)));
    }

    private static ManagedKey key(JsonArray values) {
        long end = values.getLong(6);
        String replacedBy = values.getString(7);
        return new ManagedKey(KeyDigest.fromHex(values.getString(1)), values.getString(2), values.getString(3),
                values.getString(4), Instant.ofEpochMilli(values.getLong(5)),
                end == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(end)),
                replacedBy.isEmpty() ? Optional.empty() : Optional.of(replacedBy));
    }
}
