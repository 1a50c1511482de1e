package sluice.metrics;

import org.jspecify.annotations.Nullable;
import sluice.openai.Served;
import sluice.openai.Usage;

/** What a call used of a model, and who says so. */
public sealed interface ModelUse {
    /** The model that the answer names; empty if it names none. */
    default String model() {
        return "";
    }

    /** The service tier that the answer names; empty if it names none. */
    default String serviceTier() {
        return "";
    }

    /** What was used, reported or estimated; null if nothing was, or if it is not known. */
    default @Nullable Usage usage() {
        return null;
    }

    /** What the upstream reported, or null. */
    default @Nullable Usage reported() {
        return null;
    }

    /** No model ran. */
    record Nothing() implements ModelUse {}

    /** As the upstream reported it. */
    record Reported(String model, String serviceTier, Usage usage) implements ModelUse {

        @Override
        public Usage reported() {
            return usage;
        }
    }

    /** As the gateway estimates it: from what it relayed, or from what was reserved. */
    record Estimated(String model, String serviceTier, Usage usage) implements ModelUse {}

    /** A model ran, and how much it used is not known. */
    record Unknown(String model, String serviceTier) implements ModelUse {}

    /** No model ran. */
    static ModelUse nothing() {
        return new Nothing();
    }

    /** What an answer says, or else an estimate; without one, its use is unknown. */
    static ModelUse of(Served served, @Nullable Usage estimate) {
        Usage reported = served.usage();
        if (reported != null) {
            return new Reported(served.model(), served.serviceTier(), reported);
        }
        return estimate == null
                ? new Unknown(served.model(), served.serviceTier())
                : new Estimated(served.model(), served.serviceTier(), estimate);
    }
}
