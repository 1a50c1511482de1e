package sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.testing.ManualTime;

class TroubleTest {

    @ParameterizedTest
    @EnumSource
    void eachKindHasAnAlertThatSaysWhatToDo(Trouble.What what) throws Exception {
        List<String> headings = Files.readAllLines(Path.of("docs/alerts.md")).stream()
                .filter(line -> line.startsWith("### ")).map(line -> line.substring(4).toLowerCase(Locale.ROOT))
                .toList();
        assertThat(what.doc()).startsWith("docs/alerts.md#");
        assertThat(headings).contains(what.doc().substring("docs/alerts.md#".length()));
        assertThat(Files.readString(Path.of("deploy/prometheus/rules.yaml")))
                .contains("runbook_url: \"" + what.doc() + "\"");
    }

    @Test
    void theContractNamesEachKind() throws Exception {
        String contract = Files.readString(Path.of("src/main/resources/sluice/admin/openapi.yaml"));
        assertThat(contract).contains(
                "[" + String.join(", ", Stream.of(Trouble.What.values()).map(Trouble.What::word).toList()) + "]");
    }

    @Test
    void aSignTellsTheLatestSinceItBegan() {
        ManualTime time = new ManualTime();
        Troubles troubles = new Troubles(time.time());
        Troubles.Sign sign = troubles.sign(Trouble.What.LEDGER_FAILS);
        assertThat(troubles.json()).isEmpty();
        sign.began("first");
        time.advanceNanos(1_000_000_000);
        sign.began("second");
        assertThat(troubles.json().getJsonObject(0).getString("since")).isEqualTo(ManualTime.START.toString());
        assertThat(troubles.json().getJsonObject(0).getString("text")).isEqualTo("second");
        sign.over();
        assertThat(sign.isOn()).isFalse();
        assertThat(troubles.json()).isEmpty();
    }

    @Test
    void longTextsAndManyTroublesAreCut() {
        assertThat(new Trouble(Trouble.What.LEDGER_FAILS, Instant.EPOCH, "x".repeat(5_000)).text()).hasSize(401);
        Troubles troubles = new Troubles(new ManualTime().time());
        for (int i = 0; i < 50; i++) {
            troubles.sign(i == 49 ? Trouble.What.STORE_DOWN : Trouble.What.KEY_NEAR_EXPIRY).began("x" + i);
        }
        assertThat(troubles.json()).hasSize(12);
        assertThat(troubles.json().getJsonObject(0).getString("text")).as("the gravest stays").isEqualTo("x49");
    }
}
