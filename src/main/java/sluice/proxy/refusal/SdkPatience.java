package sluice.proxy.refusal;

import io.vertx.core.MultiMap;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The longest {@code retry-after} an SDK honors. Asked to wait longer, some retry early and some sleep for hours, so
 * they are told not to retry.
 *
 * @param nanos the longest wait
 */
public record SdkPatience(long nanos) {
    private static final SdkPatience USUAL = new SdkPatience(TimeUnit.SECONDS.toNanos(60));
    /** Of openai-python since 2.52.0. */
    private static final SdkPatience PYTHON = new SdkPatience(TimeUnit.SECONDS.toNanos(120));
    private static final int PYTHON_MAJOR = 2;
    private static final int PYTHON_MINOR = 52;
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\..*");

    /** By the headers with which OpenAI's SDKs introduce themselves. */
    public static SdkPatience of(MultiMap headers) {
        String version = headers.get("x-stainless-package-version");
        if (version == null || !"python".equalsIgnoreCase(headers.get("x-stainless-lang"))) {
            return USUAL;
        }
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            return USUAL;
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        return major > PYTHON_MAJOR || (major == PYTHON_MAJOR && minor >= PYTHON_MINOR) ? PYTHON : USUAL;
    }

    /** Whether it would wait that long; empty for no wait at all. */
    public boolean outlasts(OptionalLong wait) {
        return wait.orElse(0) <= nanos;
    }
}
