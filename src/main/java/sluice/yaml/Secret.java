package sluice.yaml;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import sluice.net.SmallFile;

/**
 * A value that messages never show: from a variable, from {@code file:/path} or, with a warning, in plain text.
 *
 * @param value the secret itself; visible ASCII without spaces
 */
public record Secret(String value) {
    private static final String FILE = "file:";
    private static final String DIGEST = "sha256:";
    private static final int LONGEST_FILE = 64 << 10;

    /**
     * The secret of an entry; empty if it is missing or invalid, which is reported.
     *
     * @param what its description in messages
     */
    public static Optional<Secret> required(Entry entry, String what) {
        entry.takes(() -> Map.of("type", "string", "minLength", 1));
        return entry.secretText().flatMap(text -> text.known() && text.value().isEmpty()
                ? missing(entry, text, what)
                : of(entry, text));
    }

    /** As {@link #required}, but the text may be empty. */
    public static Optional<Secret> optional(Entry entry) {
        entry.takes(() -> Map.of("type", List.of("string", "null")));
        return entry.secretText().filter(text -> !text.known() || !text.value().isEmpty())
                .flatMap(text -> of(entry, text));
    }

    /** A text that may be in its own file, as secrets are; empty if it cannot be read, which is reported. */
    public static Optional<String> textOf(Entry entry, Interpolation.Text text) {
        if (!text.known()) {
            return Optional.empty();
        }
        if (!text.value().startsWith(FILE)) {
            return Optional.of(text.value());
        }
        Optional<Secret> content = ofFile(entry, text.value().substring(FILE.length()));
        return entry.offline() ? Optional.empty() : content.map(Secret::value);
    }

    /** A placeholder for a secret that is not at hand; each is different. */
    private static Optional<Secret> unread() {
        return Optional.of(new Secret("not-read-here-" + UUID.randomUUID()));
    }

    /** Whether it is the SHA-256 of a key rather than the key itself. */
    public boolean isDigest() {
        return value.startsWith(DIGEST);
    }

    /** The hexadecimal digits of the digest. */
    public String digits() {
        return value.substring(DIGEST.length());
    }

    @Override
    public String toString() {
        return Redaction.MARK;
    }

    private static Optional<Secret> missing(Entry entry, Interpolation.Text text, String what) {
        entry.refuse(text.variable() ? text.shown() + " is empty" : "nothing", what);
        return Optional.empty();
    }

    private static Optional<Secret> of(Entry entry, Interpolation.Text text) {
        if (!text.known()) {
            return unread();
        }
        Optional<Secret> secret = text.value().startsWith(FILE)
                ? ofFile(entry, text.value().substring(FILE.length()))
                : Optional.of(new Secret(text.value()));
        if (secret.isPresent() && !Values.isVisible(secret.get().value())) {
            entry.refuseSecret("visible ASCII characters without spaces, on one line");
            return Optional.empty();
        }
        secret.ifPresent(found -> warn(entry, text, found));
        return secret;
    }

    private static Optional<Secret> ofFile(Entry entry, String name) {
        String shown = FILE + Redaction.shown(name);
        try {
            Path file = Path.of(name.startsWith("//") ? name.substring(2) : name);
            if (entry.offline()) {
                return unread();
            }
            entry.reads(file);
            String content = StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(SmallFile.read(file, LONGEST_FILE))).toString().strip();
            if (!content.isEmpty()) {
                return Optional.of(new Secret(content));
            }
            entry.refuse(shown + " is empty", "a file that holds the secret");
        } catch (SmallFile.Unfit e) {
            entry.refuse(shown + " " + e.what(),
                    "a file that holds the secret, " + LONGEST_FILE / 1024 + "KiB at most");
        } catch (CharacterCodingException e) {
            entry.refuse(shown + " is not text", "a file that holds the secret");
        } catch (IOException | InvalidPathException e) {
            entry.refuse(shown + " cannot be read", "a file that holds the secret");
        }
        return Optional.empty();
    }

    /** Warns of a secret that anyone can read, or of a placeholder in its place. */
    public static void warn(Entry entry, Interpolation.Text text, Secret secret) {
        if (secret.value().equals(Redaction.MARK)) {
            entry.warn("this is the placeholder the effective configuration shows; put the secret itself here");
        } else if (!text.variable() && !secret.isDigest() && !text.value().startsWith(FILE)) {
            entry.warn("a secret in plain text; use ${NAME} or file:/path instead");
        }
    }
}
