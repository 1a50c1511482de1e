package sluice.yaml;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import sluice.net.SmallFile;

/** The text of a configuration, and the files that it includes. */
public final class Document {
    /** Of the main file, and of all included ones together, in bytes. */
    private static final int LONGEST = 16 << 20;
    private static final int SMALLEST_BUFFER = 1 << 10;
    /** The parser copies what it holds of a scalar or comment whenever it fills its buffer. */
    private static final int LARGEST_BUFFER = 1 << 20;

    private final String source;
    private final String text;
    private final Optional<Path> folder;

    private Document(String source, String text, Optional<Path> folder) {
        this.source = source;
        this.text = text;
        this.folder = folder;
    }

    /**
     * A file, which may include others.
     *
     * @throws InvalidConfig if the file cannot be read
     */
    public static Document of(Path file) throws InvalidConfig {
        return new Document(file.toString(), contentOf(file),
                Optional.ofNullable(file.toAbsolutePath().normalize().getParent()));
    }

    /**
     * A text, which can include no files.
     *
     * @param source what to call it in messages
     */
    public static Document of(String source, String yaml) {
        return new Document(source, yaml, Optional.empty());
    }

    /** What it is called in messages: its path, if it is a file. */
    public String source() {
        return source;
    }

    /**
     * Its outermost mapping; empty if the text is.
     *
     * @throws InvalidConfig if it is not YAML, or not a mapping
     */
    public Section root(Findings findings) throws InvalidConfig {
        return root(source, text, findings.in("", text));
    }

    /**
     * The outermost mappings of the files that its key {@code include} names.
     *
     * @throws InvalidConfig if one cannot be read, is not YAML or not a mapping
     */
    public List<Section> included(Section root, Findings findings) throws InvalidConfig {
        List<Section> included = new ArrayList<>();
        long length = 0;
        for (Path file : Includes.of(root, folder)) {
            findings.reads(file);
            String content = contentOf(file);
            length += content.length();
            if (length > LONGEST) {
                root.refuse("include", "more than " + TypedText.of(length) + " in all files",
                        "at most " + TypedText.of(LONGEST));
                break;
            }
            String name = folder.orElseThrow().relativize(file.toAbsolutePath()).toString();
            included.add(root(file.toString(), content, findings.in(name, content)));
        }
        return included;
    }

    private static Section root(String source, String yaml, Findings findings) throws InvalidConfig {
        return compose(source, yaml).map(mapping -> Section.of(Place.ROOT, findings, mapping))
                .orElseGet(() -> Section.empty(Place.ROOT, findings));
    }

    /** The root mapping; empty if the text is empty. */
    private static Optional<MappingNode> compose(String source, String yaml) throws InvalidConfig {
        LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).setCodePointLimit(LONGEST)
                .setAllowNonScalarKeys(true).setBufferSize(Math.clamp(yaml.length(), SMALLEST_BUFFER, LARGEST_BUFFER))
                .build();
        try {
            Optional<Node> node = new Composer(settings,
                    new BoundedParser(new ParserImpl(settings, new StreamReader(settings, yaml)))).getSingleNode();
            if (node.isPresent() && !(node.get() instanceof MappingNode)) {
                throw invalid(source, Problem.expected("line 1", "not a mapping", "keys such as upstream:"));
            }
            return node.map(MappingNode.class::cast);
        } catch (MarkedYamlEngineException e) {
            throw invalid(source, new Problem(place(e), "not YAML: " + Redaction.shown(remedied(e.getProblem()))));
        } catch (YamlEngineException e) {
            String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
            throw invalid(source, new Problem("the file", "not YAML: " + Redaction.shown(said)));
        }
    }

    private static String place(MarkedYamlEngineException e) {
        Optional<Mark> mark = e.getProblemMark();
        return mark.map(at -> "line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1)).orElse("the file");
    }

    /** The parser blames indentation for every misplaced character. */
    private static String remedied(String problem) {
        return problem.replaceFirst("\\. \\(Do not use [@`] for indentation\\)", "; put the text in quotes");
    }

    private static String contentOf(Path file) throws InvalidConfig {
        String source = file.toString();
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(SmallFile.read(file, LONGEST)))
                    .toString();
        } catch (SmallFile.Unfit e) {
            throw invalid(source, Problem.expected(source, e.what(), e.expected()));
        } catch (NoSuchFileException e) {
            throw invalid(source, Problem.expected(source, "missing",
                    "a configuration file; name it with --config, start from config/example.yaml"));
        } catch (CharacterCodingException e) {
            throw invalid(source, Problem.expected(source, "not text", "YAML in UTF-8"));
        } catch (IOException e) {
            throw invalid(source, Problem.expected(source, "cannot be read", "a file that this user may read"));
        }
    }

    private static InvalidConfig invalid(String source, Problem problem) {
        return new InvalidConfig(source, List.of(problem));
    }
}
