package sluice.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.MultiMap;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageQueryReaderTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:34:56Z");

    private static UsageQuery read(String query, boolean anyTenant) throws UsageQueryReader.Unclear {
        MultiMap parameters = MultiMap.caseInsensitiveMultiMap();
        for (String each : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            parameters.add(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
        }
        return UsageQueryReader.read(parameters, NOW, anyTenant);
    }

    @Test
    void isAboutTheMonthSoFarUnlessItSays() throws UsageQueryReader.Unclear {
        UsageQuery query = read("", true);
        assertThat(query.from()).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(query.to()).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(query.by()).containsExactly(Dimension.TENANT);
        assertThat(query.slice()).isEqualTo(Slice.MONTH);
        assertThat(read("by=tenant,day", true).slice()).isEqualTo(Slice.DAY);
        assertThat(read("from=2026-11-02", true).slice()).isEqualTo(Slice.DAY);
        assertThat(read("from=2026-11-30T01:00:00Z", true).slice()).isEqualTo(Slice.HOUR);
        assertThat(read("by=tenant&tag=team", true).slice()).isEqualTo(Slice.TAG);
        assertThat(read("", false).by()).containsExactly(Dimension.MODEL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "fro=2026-11-01|fro|only by, cursor, format, from, key, limit, model, tag, tenant, to, user",
            "from=yesterday|from|a date such as", "from=2026-11-01T00:30:00Z|from|a whole hour",
            "from=-2026-01-01|from|a date", "from=2026-11-02&to=2026-11-02|to|a time after from",
            "from=2025-01-01|to|at most 400 days", "by=hour&from=2026-10-01|to|at most 31 days after from, by hour",
            "by=tenant,tenant|by|some of tenant", "by=|by|some of tenant", "by=colour|by|some of tenant",
            "by=tag,user|by|one of tag, user and hour", "by=tag&user=1|by|one of tag, user and hour",
            "by=tag&from=2026-11-30T01:00:00Z|from|dates without a time", "format=xml|format|json or csv",
            "limit=0|limit|from 1 to 10000", "limit=10001|limit|from 1 to 10000", "limit=x|limit|from 1 to 10000",
            "cursor=x|cursor|next_cursor", "cursor=W10|cursor|next_cursor", "cursor=WzFd|cursor|next_cursor",
            "cursor=bnVsbA|cursor|next_cursor", "cursor=W251bGxd|cursor|next_cursor",
            "tenant=a&tenant=b|tenant|it once"})
    void mistakeIsNamed(String query, String parameter, String expected) {
        UsageQueryReader.Unclear unclear = catchThrowableOfType(UsageQueryReader.Unclear.class,
                () -> read(query, true));
        assertThat(unclear.parameter()).isEqualTo(parameter);
        assertThat(unclear.expected()).contains(expected);
    }

    @Test
    void callerMayNotNameATenant() {
        assertThat(catchThrowableOfType(UsageQueryReader.Unclear.class, () -> read("tenant=other", false)).parameter())
                .isEqualTo("tenant");
    }
}
