package sluice.calls;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import sluice.metrics.Facts;
import sluice.openai.Usage;

/** What is added up over calls. The lower-case name is the column in both tables, and the field in reports. */
enum Sum {
    CALLS, ANSWERED, HITS, ESTIMATED, UNPRICED, INPUT_TOKENS, CACHED_TOKENS, CACHE_WRITE_TOKENS, OUTPUT_TOKENS, AUDIO_INPUT_TOKENS, CACHED_AUDIO_TOKENS, AUDIO_OUTPUT_TOKENS, IMAGE_INPUT_TOKENS, CACHED_IMAGE_TOKENS, IMAGE_OUTPUT_TOKENS, AUDIO_MILLIS, CHARACTERS, PICODOLLARS, SAVED_PICODOLLARS;

    static final List<Sum> ALL = List.of(values());

    /** Those that one call has columns for; the others follow from what it says. */
    static final List<Sum> OF_CALLS = ALL.stream().filter(sum -> sum.compareTo(INPUT_TOKENS) >= 0).toList();

    /** Far above any call, and far below what a sum of many overflows at. */
    private static final long MOST_TOKENS = 100_000_000;
    private static final long MOST_PICODOLLARS = 10_000_000_000_000_000L;

    /** What a call adds to each. */
    static long[] all(CallRecord call) {
        long[] sums = new long[ALL.size()];
        Arrays.setAll(sums, i -> ALL.get(i).of(call));
        return sums;
    }

    /** What a call adds. */
    long of(CallRecord call) {
        return switch (this) {
            case CALLS -> 1;
            case ANSWERED -> call.outcome().equals("answered") ? 1 : 0;
            case HITS -> Facts.isReuse(call.cache()) ? 1 : 0;
            case ESTIMATED -> call.estimated() ? 1 : 0;
            case UNPRICED -> call.unpriced() ? 1 : 0;
            case PICODOLLARS -> Math.clamp(call.picodollars(), 0, MOST_PICODOLLARS);
            case SAVED_PICODOLLARS -> Math.clamp(call.savedPicodollars(), 0, MOST_PICODOLLARS);
            default -> {
                Usage usage = call.usage();
                yield usage == null ? 0 : Math.clamp(of(usage), 0, MOST_TOKENS);
            }
        };
    }

    private long of(Usage usage) {
        return switch (this) {
            case INPUT_TOKENS -> usage.input();
            case CACHED_TOKENS -> usage.cached();
            case CACHE_WRITE_TOKENS -> usage.details().cacheWrites();
            case OUTPUT_TOKENS -> usage.output();
            case AUDIO_INPUT_TOKENS -> usage.details().audioInput();
            case CACHED_AUDIO_TOKENS -> usage.details().cachedAudio();
            case AUDIO_OUTPUT_TOKENS -> usage.details().audioOutput();
            case IMAGE_INPUT_TOKENS -> usage.details().imageInput();
            case CACHED_IMAGE_TOKENS -> usage.details().cachedImage();
            case IMAGE_OUTPUT_TOKENS -> usage.details().imageOutput();
            case AUDIO_MILLIS -> usage.details().audioMillis();
            case CHARACTERS -> usage.details().characters();
            case CALLS, ANSWERED, HITS, ESTIMATED, UNPRICED, PICODOLLARS, SAVED_PICODOLLARS -> 0;
        };
    }

    /** Whether a call of a model that reads and writes nothing but text may have some of it. */
    boolean isOfText() {
        return switch (this) {
            case CACHE_WRITE_TOKENS, AUDIO_INPUT_TOKENS, CACHED_AUDIO_TOKENS, AUDIO_OUTPUT_TOKENS, IMAGE_INPUT_TOKENS,
                    CACHED_IMAGE_TOKENS, IMAGE_OUTPUT_TOKENS, AUDIO_MILLIS, CHARACTERS ->
                false;
            case CALLS, ANSWERED, HITS, ESTIMATED, UNPRICED, INPUT_TOKENS, CACHED_TOKENS, OUTPUT_TOKENS, PICODOLLARS,
                    SAVED_PICODOLLARS ->
                true;
        };
    }

    boolean isMoney() {
        return this == PICODOLLARS || this == SAVED_PICODOLLARS;
    }

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static String columns(List<Sum> sums) {
        return sums.stream().map(Sum::column).collect(Collectors.joining(", "));
    }
}
