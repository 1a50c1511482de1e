package sluice.openai;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a call used, as the upstream reports it under either of its naming schemes.
 *
 * @param input   prompt tokens of all kinds
 * @param output  answer tokens of all kinds, including reasoning
 * @param cached  how many input tokens came from the upstream's own cache
 * @param details the parts not priced as text
 */
public record Usage(long input, long output, long cached, Details details) {

    /**
     * The parts of a usage that have prices of their own.
     *
     * @param cacheWrites input tokens that the upstream put into its cache
     * @param audioInput  input tokens of audio
     * @param imageInput  input tokens of images
     * @param cachedAudio cached input tokens of audio
     * @param cachedImage cached input tokens of images
     * @param audioOutput answer tokens of audio
     * @param imageOutput answer tokens of images
     * @param audioMillis the length of the audio, where the call is not counted in tokens
     * @param characters  the length of the text, where the call is not counted in tokens
     */
    public record Details(long cacheWrites, long audioInput, long imageInput, long cachedAudio, long cachedImage,
            long audioOutput, long imageOutput, long audioMillis, long characters) {
        /** Nothing but text. */
        public static final Details NONE = new Details(0, 0, 0, 0, 0, 0, 0, 0, 0);

        Details plus(Details other) {
            return new Details(cacheWrites + other.cacheWrites, audioInput + other.audioInput,
                    imageInput + other.imageInput, cachedAudio + other.cachedAudio, cachedImage + other.cachedImage,
                    audioOutput + other.audioOutput, imageOutput + other.imageOutput, audioMillis + other.audioMillis,
                    characters + other.characters);
        }
    }

    /** The usage of a call that is all text. */
    public Usage(long input, long output, long cached) {
        this(input, output, cached, Details.NONE);
    }

    /** The usage of a call that is counted in characters. */
    public static Usage ofCharacters(long characters) {
        return new Usage(0, 0, 0, new Details(0, 0, 0, 0, 0, 0, 0, 0, characters));
    }

    /** Input and output together. */
    public long total() {
        return input + output;
    }

    /** The sum of this and another usage. */
    public Usage plus(Usage other) {
        return new Usage(input + other.input, output + other.output, cached + other.cached,
                details.plus(other.details));
    }

    /** Reads the object whose opening brace has just been read; null if it has no usage, or none that can be read. */
    static @Nullable Usage read(JsonParser parser) throws IOException {
        UsageCounts counts = new UsageCounts();
        counts.read(parser, AnswerField.Place.USAGE);
        return counts.usage();
    }
}
