package sluice.yaml;

import java.util.Map;
import java.util.function.Supplier;

/**
 * Learns which keys the readers look up and what they accept. Keys are identified by shape, such as {@code
 * tenants[].rpm} or {@code plans.*.rpm}. The JSON schema is generated from this.
 */
public interface KeyObserver {

    /** Ignores everything. */
    KeyObserver NONE = new KeyObserver() {};

    /** A key was looked up. */
    default void asked(String shape, boolean found) {}

    /** The absence of this key is a problem. */
    default void required(String shape) {}

    /** This mapping is read even if it is absent. */
    default void section(String shape) {}

    /** This list must not be empty. */
    default void filled(String shape) {}

    /** A value may have this form, in terms of JSON Schema. */
    default void form(String shape, Supplier<Map<String, Object>> form) {}
}
