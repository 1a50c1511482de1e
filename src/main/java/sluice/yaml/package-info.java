/**
 * The language of the configuration file, whatever its keys mean: YAML within bounds, variables and secrets, includes, values
 * with units, and problems with their places. A reader declares a key by looking it up in a {@link sluice.yaml.Section};
 * from that alone unknown keys are found, the effective configuration is shown, and the JSON Schema is generated.
 */
@NullMarked
package sluice.yaml;

import org.jspecify.annotations.NullMarked;
