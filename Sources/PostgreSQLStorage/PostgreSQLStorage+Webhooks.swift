import EmbeddedService
import Support
import WebhookModel

/// The number's own webhook, and its WABA's, which may be about to remove it.
extension PostgreSQLStorage {
    package func customerWebhook(of key: KeyDigest, call: Call) throws(Failure) -> CustomerWebhook? {
        let found = try rows(
            Query(
                """
                SELECT CASE WHEN override_all AND applies_at <= d360_webhook.moment() THEN NULL ELSE customer_webhook END,
                    customer_headers
                FROM d360_webhook.channel LEFT JOIN d360_webhook.waba_webhook USING (waba_id) WHERE key_digest = $1
                """, .digest(key)), call)
        guard !found.isEmpty else { throw .unauthorized }
        return found.text(0).map { CustomerWebhook(answer: $0, headers: found.text(1) ?? "{}") }
    }

    package func setCustomerWebhook(
        _ webhook: CustomerWebhook, of key: KeyDigest, call: Call
    ) throws(Failure) {
        try write(call) { transaction throws(AttemptError) in
            let channel = try transaction.lockWABA(of: key)
            try transaction.commit(
                channel.due + [
                    Query(
                        "UPDATE d360_webhook.channel SET customer_webhook = $2, customer_headers = $3 WHERE id = $1",
                        .integer(channel.id), .text(webhook.answer), .text(webhook.headers))
                ])
        }
    }

    package func wabaWebhook(of key: KeyDigest, call: Call) throws(Failure) -> WABAWebhook {
        let found = try rows(
            Query(
                """
                SELECT asking.waba_id, CASE WHEN applies_at <= d360_webhook.moment() THEN pending ELSE document END,
                    coalesce(listed.phone_number, listed.phone_number_id)
                FROM d360_webhook.channel AS asking JOIN d360_webhook.channel AS listed USING (waba_id)
                LEFT JOIN d360_webhook.waba_webhook USING (waba_id)
                WHERE asking.key_digest = $1 ORDER BY listed.id
                """, .digest(key)), call)
        guard let wabaID = found.integer(0) else { throw .unauthorized }
        let numbers = try found.map(call) { $0.text(2, $1) ?? "" }
        return WABAWebhook(wabaID: wabaID, document: found.text(1), numbers: numbers)
    }

    package func setWABAWebhook(
        _ document: String, overrideAll: Bool, of key: KeyDigest, delay: Duration, call: Call
    ) throws(Failure) -> Int64 {
        try write(call) { transaction throws(AttemptError) in
            let channel = try transaction.lockWABA(of: key)
            var queries = channel.due
            if delay > .zero {
                queries.append(
                    Query(
                        """
                        INSERT INTO d360_webhook.waba_webhook (waba_id, pending, applies_at, override_all)
                        VALUES ($1, $2, $3, $4) ON CONFLICT (waba_id) DO UPDATE
                        SET pending = excluded.pending, applies_at = excluded.applies_at, override_all = excluded.override_all
                        """, .integer(channel.wabaID), .text(document), .integer(channel.now + delay.milliseconds),
                        .boolean(overrideAll)))
            } else {
                queries.append(.setWABAWebhook(document, wabaID: channel.wabaID))
                if overrideAll { queries.append(.removeCustomerWebhooks(wabaID: channel.wabaID)) }
            }
            try transaction.commit(queries)
            return channel.wabaID
        }
    }
}

/// A channel. The transaction has the lock of its WABA.
private struct LockedChannel {
    let id: Int64
    let wabaID: Int64
    /// The database's moment, after the wait for the lock.
    let now: Int64
    /// Persists what readings show already.
    let due: [Query]
}

extension Transaction {
    /// The first statement finds the WABA and waits for its lock; the second sees what was committed until then.
    fileprivate func lockWABA(of key: KeyDigest) throws(AttemptError) -> LockedChannel {
        let answers = try execute([
            Query(
                """
                SELECT waba_id, pg_advisory_xact_lock(1681077808, (waba_id % 2147483647)::integer)
                FROM d360_webhook.channel WHERE key_digest = $1
                """, .digest(key)),
            Query(
                """
                SELECT channel.id, waba_id, moment.now, applies_at <= moment.now, override_all
                FROM d360_webhook.channel CROSS JOIN (SELECT d360_webhook.moment() AS now OFFSET 0) AS moment
                LEFT JOIN d360_webhook.waba_webhook USING (waba_id) WHERE key_digest = $1
                """, .digest(key)),
        ])
        guard let locked = answers.first, let found = answers.last, let id = found.integer(0), let wabaID = found.integer(1),
            let now = found.integer(2)
        else { throw .permanent(.unauthorized) }
        // It may have been registered or moved in between.
        guard locked.integer(0) == wabaID else { throw .conflict(.locked(place)) }
        let isDue = found.boolean(3) == true
        let due = isDue ? Query.applyDue(wabaID: wabaID, overridesAll: found.boolean(4) == true) : []
        return LockedChannel(id: id, wabaID: wabaID, now: now, due: due)
    }
}

extension Query {
    /// A pending webhook that is due is the current one.
    static func applyDue(wabaID: Int64, overridesAll: Bool) -> [Query] {
        let apply = Query(
            """
            UPDATE d360_webhook.waba_webhook
            SET document = pending, pending = NULL, applies_at = NULL, override_all = false WHERE waba_id = $1
            """, .integer(wabaID))
        return overridesAll ? [removeCustomerWebhooks(wabaID: wabaID), apply] : [apply]
    }

    static func setWABAWebhook(_ document: String, wabaID: Int64) -> Query {
        Query(
            """
            INSERT INTO d360_webhook.waba_webhook (waba_id, document) VALUES ($1, $2) ON CONFLICT (waba_id) DO UPDATE
            SET document = excluded.document, pending = NULL, applies_at = NULL, override_all = false
            """, .integer(wabaID), .text(document))
    }

    static func removeCustomerWebhooks(wabaID: Int64) -> Query {
        Query(
            """
            UPDATE d360_webhook.channel SET customer_webhook = NULL, customer_headers = NULL
            WHERE waba_id = $1 AND customer_webhook IS NOT NULL
            """, .integer(wabaID))
    }
}
