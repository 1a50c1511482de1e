package sluice.admin;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;

/**
 * Something that is wrong now, until it is over.
 *
 * @param since when it began, as far as this replica knows
 * @param text  what the log says of it
 */
public record Trouble(What what, Instant since, String text) {
    private static final int LONGEST = 400;

    /** The kinds, the gravest first. Each has an alert, and what to do is written there. */
    public enum What {
        ACCOUNT_WITHOUT_KEY("SluiceAccountWithoutKey"), //
        ACCOUNT_OUT_OF_CREDIT("SluiceAccountOutOfCredit"), //
        ACCOUNT_UNREACHABLE("SluiceAccountUnreachable"), //
        LEDGER_RECORDS_LOST("SluiceLedgerRecordsLost"), //
        STORE_DOWN("SluiceStoreDown"), //
        LEDGER_FAILS("SluiceLedgerFails"), //
        LEDGER_BEHIND("SluiceLedgerBehind"), //
        MODEL_FAILING("SluiceAccountCooling"), //
        UPSTREAM_QUOTA_SHORT("SluiceUpstreamQuotaShort"), //
        ACCOUNT_KEY_REJECTED("SluiceAccountKeyRejected"), //
        ISSUER_KEYS_UNREAD("SluiceIssuerKeysUnread"), //
        LOG_LINES_LOST("SluiceLogLinesLost"), //
        CONFIG_RELOAD_FAILED("SluiceConfigReloadFailed"), //
        CERTIFICATE_RENEWAL_FAILED("SluiceConfigReloadFailed"), //
        CERTIFICATE_NEAR_EXPIRY("SluiceCertificateNearExpiry"), //
        ACCOUNT_CERTIFICATE_NEAR_EXPIRY("SluiceAccountCertificateNearExpiry"), //
        SHARED_ANSWERS_DOWN("SluiceSharedAnswersDown"), //
        KEY_NEAR_EXPIRY("SluiceKeyNearExpiry");

        private final String alert;

        What(String alert) {
            this.alert = alert;
        }

        /** The word for it in answers. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Where it is written what to do. */
        String doc() {
            return "docs/alerts.md#" + alert.toLowerCase(Locale.ROOT);
        }
    }

    public Trouble {
        text = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    JsonObject json() {
        return new JsonObject().put("what", what.word()).put("since", since.toString()).put("text", text)
                .put("doc", what.doc());
    }
}
