package sluice.managed;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import sluice.ledger.Ledger;

/**
 * A request that is carried out once, however often it is sent.
 *
 * @param who  whose requests these are
 * @param key  that the caller has given it
 * @param hash of what it asks for: the same key with another request is a mistake
 */
public record Once(String who, String key, String hash) {
    private static final Duration KEPT = Duration.ofDays(1);
    private static final String READ = "SELECT request_hash, answer FROM answered_request "
            + "WHERE who = ? AND request_key = ? AND at_millis >= ?";
    private static final String WRITE = "INSERT INTO answered_request (who, request_key, request_hash, at_millis, "
            + "answer) VALUES (?, ?, ?, ?, ?) ON CONFLICT (who, request_key) DO UPDATE SET "
            + "request_hash = excluded.request_hash, at_millis = excluded.at_millis, answer = excluded.answer";
    private static final String FORGET = "DELETE FROM answered_request WHERE at_millis < ?";

    /** The subject of the change that it has made earlier; empty if it has made none. */
    Optional<String> answered(Ledger.Transaction transaction, Instant now) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(READ)) {
            statement.setString(1, who);
            statement.setString(2, key);
            statement.setLong(3, now.minus(KEPT).toEpochMilli());
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                if (!rows.getString(1).equals(hash)) {
                    throw new Refused(Refused.Why.KEY_REUSED, "idempotency-key",
                            "This Idempotency-Key was used for another request. Use a new one for each request.");
                }
                return Optional.of(rows.getString(2));
            }
        }
    }

    /** It has made a change of this subject. What is too old is forgotten. */
    void answer(Ledger.Transaction transaction, Instant now, String subject) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(FORGET)) {
            statement.setLong(1, now.minus(KEPT).toEpochMilli());
            statement.executeUpdate();
        }
        try (PreparedStatement statement = transaction.prepare(WRITE)) {
            statement.setString(1, who);
            statement.setString(2, key);
            statement.setString(3, hash);
            statement.setLong(4, now.toEpochMilli());
            statement.setString(5, subject);
            statement.executeUpdate();
        }
    }
}
