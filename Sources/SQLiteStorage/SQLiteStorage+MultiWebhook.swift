import EmbeddedService
import Support
import WebhookModel

extension SQLiteStorage {
    package func multiWebhook(of key: KeyDigest, call: Call) throws(Failure) -> String? {
        let now = clock()
        let found = try read(call) { connection throws(Failure) in
            let shown = try connection.first(
                """
                SELECT document FROM multi_webhook WHERE key_prefix = ?1 AND key_digest = ?2 AND shows_at <= ?3
                """, .integer(key.prefix), .digest(key), .integer(now)
            ) { $0.text(0) }
            if shown != nil { return shown }
            // None yet, or it is not due, or the key is unknown.
            return try connection.first(
                """
                SELECT CASE WHEN multi_webhook.shows_at <= ?3 THEN multi_webhook.document ELSE (
                    SELECT document FROM earlier_multi_webhook
                    WHERE channel = channel.id AND shows_at <= ?3 ORDER BY id DESC LIMIT 1
                ) END
                FROM channel LEFT JOIN multi_webhook
                ON multi_webhook.key_prefix = ?1 AND multi_webhook.key_digest = channel.key_digest
                WHERE channel.key_digest = ?2
                """, .integer(key.prefix), .digest(key), .integer(now)
            ) { $0.text(0) }
        }
        guard let document = found else { throw .unauthorized }
        return document
    }

    package func changeMultiWebhook(
        of key: KeyDigest, delay: Duration, call: Call, _ change: (String?) throws(Failure) -> String?
    ) throws(Failure) {
        try write(call) { connection throws(Failure) in
            let found = try connection.first(
                """
                SELECT channel.id, document, shows_at
                FROM channel LEFT JOIN multi_webhook
                ON multi_webhook.key_prefix = ?1 AND multi_webhook.key_digest = channel.key_digest
                WHERE channel.key_digest = ?2
                """, .integer(key.prefix), .digest(key)
            ) { (channel: $0.integer(0) ?? 0, document: $0.text(1), showsAt: $0.integer(2) ?? 0) }
            guard let found else { throw .unauthorized }
            guard let document = try change(found.document) else { return }
            var showsAt: Int64 = 0
            if delay > .zero {
                let now = clock()
                showsAt = now + delay.milliseconds
                try connection.keepEarlier(found.document, found.showsAt, of: found.channel, at: now)
            } else if found.showsAt > 0 {
                try connection.execute("DELETE FROM earlier_multi_webhook WHERE channel = ?1", .integer(found.channel))
            }
            if found.document == nil {
                try connection.execute(
                    "INSERT INTO multi_webhook (key_prefix, key_digest, document, shows_at) VALUES (?1, ?2, ?3, ?4)",
                    .integer(key.prefix), .digest(key), .text(document), .integer(showsAt))
            } else {
                try connection.execute(
                    "UPDATE multi_webhook SET document = ?2, shows_at = ?3 WHERE key_prefix = ?1",
                    .integer(key.prefix), .text(document), .integer(showsAt))
            }
        }
    }
}

extension Connection {
    /// Moves what is about to be replaced to the earlier ones, and drops those that no reading shows any more.
    fileprivate func keepEarlier(_ document: String?, _ showsAt: Int64, of channel: Int64, at now: Int64) throws(Failure) {
        guard let document else { return }
        // What is shown is shown from the beginning, so that a clock that is set back does not hide it.
        try execute(
            "INSERT INTO earlier_multi_webhook (channel, document, shows_at) VALUES (?1, ?2, ?3)",
            .integer(channel), .text(document), .integer(showsAt <= now ? 0 : showsAt))
        try execute(
            """
            DELETE FROM earlier_multi_webhook WHERE channel = ?1 AND id < (
                SELECT id FROM earlier_multi_webhook WHERE channel = ?1 AND shows_at <= ?2 ORDER BY id DESC LIMIT 1
            )
            """, .integer(channel), .integer(now))
    }
}
