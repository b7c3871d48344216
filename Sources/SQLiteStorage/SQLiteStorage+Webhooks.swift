import EmbeddedService
import Support
import WebhookModel

/// The number's own webhook, and its WABA's, which may be about to remove it.
extension SQLiteStorage {
    package func customerWebhook(of key: KeyDigest, call: Call) throws(Failure) -> CustomerWebhook? {
        let now = clock()
        let found = try read(call) { connection throws(Failure) in
            try connection.first(
                """
                SELECT CASE WHEN override_all AND applies_at <= ?2 THEN NULL ELSE customer_webhook END,
                    customer_headers
                FROM channel LEFT JOIN waba_webhook USING (waba_id) WHERE key_digest = ?1
                """, .digest(key), .integer(now)
            ) { row in row.text(0).map { CustomerWebhook(answer: $0, headers: row.text(1) ?? "{}") } }
        }
        guard let webhook = found else { throw .unauthorized }
        return webhook
    }

    package func setCustomerWebhook(
        _ webhook: CustomerWebhook, of key: KeyDigest, call: Call
    ) throws(Failure) {
        try write(call) { connection throws(Failure) in
            let channel = try connection.channel(of: key)
            try connection.applyDue(wabaID: channel.wabaID, at: clock())
            try connection.execute(
                "UPDATE channel SET customer_webhook = ?2, customer_headers = ?3 WHERE id = ?1",
                .integer(channel.id), .text(webhook.answer), .text(webhook.headers))
        }
    }

    package func wabaWebhook(of key: KeyDigest, call: Call) throws(Failure) -> WABAWebhook {
        let now = clock()
        let rows = try read(call) { connection throws(Failure) in
            try connection.rows(
                """
                SELECT asking.waba_id, CASE WHEN applies_at <= ?2 THEN pending ELSE document END,
                    coalesce(listed.phone_number, listed.phone_number_id)
                FROM channel AS asking JOIN channel AS listed USING (waba_id) LEFT JOIN waba_webhook USING (waba_id)
                WHERE asking.key_digest = ?1 ORDER BY listed.id
                """, .digest(key), .integer(now)
            ) { (wabaID: $0.integer(0) ?? 0, document: $0.text(1), number: $0.text(2) ?? "") }
        }
        guard let first = rows.first else { throw .unauthorized }
        return WABAWebhook(wabaID: first.wabaID, document: first.document, numbers: rows.map { $0.number })
    }

    package func setWABAWebhook(
        _ document: String, overrideAll: Bool, of key: KeyDigest, delay: Duration, call: Call
    ) throws(Failure) -> Int64 {
        try write(call) { connection throws(Failure) in
            let wabaID = try connection.channel(of: key).wabaID
            let now = clock()
            try connection.applyDue(wabaID: wabaID, at: now)
            if delay > .zero {
                try connection.execute(
                    """
                    INSERT INTO waba_webhook (waba_id, pending, applies_at, override_all) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (waba_id) DO UPDATE
                    SET pending = excluded.pending, applies_at = excluded.applies_at, override_all = excluded.override_all
                    """, .integer(wabaID), .text(document), .integer(now + delay.milliseconds), .boolean(overrideAll))
            } else {
                try connection.setWABAWebhook(document, wabaID: wabaID)
                if overrideAll { try connection.removeCustomerWebhooks(wabaID: wabaID) }
            }
            return wabaID
        }
    }
}

extension Connection {
    fileprivate func channel(of key: KeyDigest) throws(Failure) -> (id: Int64, wabaID: Int64) {
        let found = try first("SELECT id, waba_id FROM channel WHERE key_digest = ?1", .digest(key)) {
            (id: $0.integer(0) ?? 0, wabaID: $0.integer(1) ?? 0)
        }
        guard let found else { throw .unauthorized }
        return found
    }

    /// Persists what readings show already: a pending webhook that is due becomes the current one.
    func applyDue(wabaID: Int64, at now: Int64) throws(Failure) {
        let overridesAll = try first(
            "SELECT override_all FROM waba_webhook WHERE waba_id = ?1 AND applies_at <= ?2", .integer(wabaID), .integer(now)
        ) { $0.integer(0) == 1 }
        guard let overridesAll else { return }
        if overridesAll { try removeCustomerWebhooks(wabaID: wabaID) }
        try execute(
            """
            UPDATE waba_webhook SET document = pending, pending = NULL, applies_at = NULL, override_all = 0
            WHERE waba_id = ?1
            """, .integer(wabaID))
    }

    func setWABAWebhook(_ document: String, wabaID: Int64) throws(Failure) {
        try execute(
            """
            INSERT INTO waba_webhook (waba_id, document) VALUES (?1, ?2) ON CONFLICT (waba_id) DO UPDATE
            SET document = excluded.document, pending = NULL, applies_at = NULL, override_all = 0
            """, .integer(wabaID), .text(document))
    }

    fileprivate func removeCustomerWebhooks(wabaID: Int64) throws(Failure) {
        try execute(
            """
            UPDATE channel SET customer_webhook = NULL, customer_headers = NULL
            WHERE waba_id = ?1 AND customer_webhook IS NOT NULL
            """, .integer(wabaID))
    }
}
