import EmbeddedService
import Support
import WebhookModel

extension PostgreSQLStorage {
    package func multiWebhook(of key: KeyDigest, call: Call) throws(Failure) -> String? {
        let found = try rows(
            Query(
                """
                SELECT CASE WHEN multi_webhook_shows_at = 0 OR multi_webhook_shows_at <= d360_webhook.moment()
                THEN multi_webhook ELSE (
                    SELECT document FROM d360_webhook.earlier_multi_webhook AS earlier
                    WHERE channel = channel.id AND shows_at <= d360_webhook.moment() ORDER BY earlier.id DESC LIMIT 1
                ) END
                FROM d360_webhook.channel WHERE key_digest = $1
                """, .digest(key)), call)
        guard !found.isEmpty else { throw .unauthorized }
        return found.text(0)
    }

    package func changeMultiWebhook(
        of key: KeyDigest, delay: Duration, call: Call, _ change: (String?) throws(Failure) -> String?
    ) throws(Failure) {
        try write(call) { transaction throws(AttemptError) in
            // The moment is after the wait for the row.
            let found = try transaction.execute(
                Query(
                    """
                    WITH locked AS MATERIALIZED (
                        SELECT id, multi_webhook, multi_webhook_shows_at FROM d360_webhook.channel
                        WHERE key_digest = $1 FOR UPDATE
                    )
                    SELECT id, multi_webhook_shows_at, multi_webhook, d360_webhook.moment() FROM locked
                    """, .digest(key)))
            guard let id = found.integer(0), let shown = found.integer(1), let now = found.integer(3) else {
                throw .permanent(.unauthorized)
            }
            let known = found.text(2)
            guard let document = try AttemptError.permanently({ () throws(Failure) in try change(known) }) else { return }
            var queries: [Query] = []
            if delay > .zero {
                if known != nil { queries += Self.keepEarlier(of: id, shown, at: now) }
            } else if shown > 0 {
                queries.append(Query("DELETE FROM d360_webhook.earlier_multi_webhook WHERE channel = $1", .integer(id)))
            }
            queries.append(
                Query(
                    "UPDATE d360_webhook.channel SET multi_webhook = $2, multi_webhook_shows_at = $3 WHERE id = $1",
                    .integer(id), .text(document), .integer(delay > .zero ? now + delay.milliseconds : 0)))
            try transaction.commit(queries)
        }
    }

    /// Moves what is about to be replaced to the earlier ones, and drops those that no reading shows any more.
    private static func keepEarlier(of channel: Int64, _ showsAt: Int64, at now: Int64) -> [Query] {
        [
            // What is shown is shown from the beginning, so that a clock that is set back does not hide it.
            Query(
                """
                INSERT INTO d360_webhook.earlier_multi_webhook (channel, document, shows_at)
                SELECT id, multi_webhook, $2 FROM d360_webhook.channel WHERE id = $1
                """, .integer(channel), .integer(showsAt <= now ? 0 : showsAt)),
            Query(
                """
                DELETE FROM d360_webhook.earlier_multi_webhook WHERE channel = $1 AND id < (
                    SELECT id FROM d360_webhook.earlier_multi_webhook
                    WHERE channel = $1 AND shows_at <= $2 ORDER BY id DESC LIMIT 1
                )
                """, .integer(channel), .integer(now)),
        ]
    }
}
