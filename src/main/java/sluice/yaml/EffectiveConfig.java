package sluice.yaml;

import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * The configuration in effect, as a file that can be read back in, with every default filled in and every secret left
 * out. Tenant keys appear as digests, whose first 12 digits are their ids in logs and metrics.
 *
 * @param tree its sections by name, as nested maps, lists and values
 */
public record EffectiveConfig(Map<String, Object> tree) {
    private static final DumpSettings LAYOUT = DumpSettings.builder().setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.BLOCK).setIndent(2).setIndicatorIndent(2).setIndentWithIndicator(true)
            .setWidth(Integer.MAX_VALUE).setSplitLines(false).setDereferenceAliases(true).build();

    /** All of it as YAML. */
    public String yaml() {
        return new Dump(LAYOUT).dumpToString(tree);
    }
}
