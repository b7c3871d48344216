import EmbeddedService
import Support

extension PostgreSQLStorage {
    package func load(_ state: InitialState, replacing: Bool, call: Call) throws(Failure) {
        try write(call) { transaction throws(AttemptError) in
            // Every transaction reads this table first, so the lock waits for all of them, and they for it.
            _ = try transaction.execute(Query("LOCK TABLE d360_webhook.channel IN ACCESS EXCLUSIVE MODE"))
            let first = replacing ? Query.removeAll : Query.applyAllDue
            var answers = try transaction.execute(first)[...]
            var position = 0
            // Batches bound the memory for what is sent and answered.
            while position < state.channels.count {
                let batch = state.channels[position..<min(position + 1_000, state.channels.count)]
                answers = try transaction.execute(batch.flatMap { Query.put($0) })[...]
                for (index, rows) in answers.enumerated() where rows.isEmpty && index % 2 == 0 {
                    throw .permanent(
                        Failure(
                            .conflict, "api_key belongs to another phone number",
                            path: "/channels/\(position + index / 2)/api_key"))
                }
                position += batch.count
            }
            let wabas = state.wabas.map { Query.setWABAWebhook($0.document, wabaID: $0.wabaID) }
            try transaction.commit(
                wabas + [
                    Query(
                        """
                        DELETE FROM d360_webhook.waba_webhook
                        WHERE waba_id NOT IN (SELECT waba_id FROM d360_webhook.channel)
                        """)
                ])
        }
    }
}

extension Query {
    fileprivate static let removeAll = [
        Query("DELETE FROM d360_webhook.waba_webhook"), Query("DELETE FROM d360_webhook.channel"),
    ]

    /// Pending webhooks that are due take effect before channels move between WABAs.
    fileprivate static let applyAllDue = [
        Query(
            """
            UPDATE d360_webhook.channel SET customer_webhook = NULL, customer_headers = NULL WHERE waba_id IN (
                SELECT waba_id FROM d360_webhook.waba_webhook WHERE applies_at <= d360_webhook.moment() AND override_all
            )
            """),
        Query(
            """
            UPDATE d360_webhook.waba_webhook
            SET document = pending, pending = NULL, applies_at = NULL, override_all = false
            WHERE applies_at <= d360_webhook.moment()
            """),
    ]

    /// The first returns no row if the key belongs to another phone number. The second removes earlier documents if there is
    /// a new one.
    fileprivate static func put(_ channel: InitialState.ChannelState) -> [Query] {
        [
            Query(
                """
                INSERT INTO d360_webhook.channel AS known (
                    phone_number_id, phone_number, waba_id, key_digest, customer_webhook, customer_headers, multi_webhook
                ) SELECT $1::text, $2::text, $3::bigint, $4::bytea, $5::text, $6::text, $7::text
                WHERE NOT EXISTS (
                    SELECT 1 FROM d360_webhook.channel WHERE key_digest = $4::bytea AND phone_number_id <> $1::text
                )
                ON CONFLICT (phone_number_id) DO UPDATE SET
                    phone_number = coalesce(excluded.phone_number, known.phone_number), waba_id = excluded.waba_id,
                    key_digest = excluded.key_digest,
                    customer_webhook = coalesce(excluded.customer_webhook, known.customer_webhook),
                    customer_headers = coalesce(excluded.customer_headers, known.customer_headers),
                    multi_webhook = coalesce(excluded.multi_webhook, known.multi_webhook),
                    multi_webhook_shows_at =
                        CASE WHEN excluded.multi_webhook IS NULL THEN known.multi_webhook_shows_at ELSE 0 END
                RETURNING id
                """, .text(channel.registration.phoneNumberID), .optional(channel.registration.phoneNumber),
                .integer(channel.wabaID), .digest(channel.key), .optional(channel.customerWebhook?.answer),
                .optional(channel.customerWebhook?.headers), .optional(channel.multiWebhook)),
            Query(
                """
                DELETE FROM d360_webhook.earlier_multi_webhook USING d360_webhook.channel
                WHERE channel = channel.id AND phone_number_id = $1 AND $2::boolean
                """, .text(channel.registration.phoneNumberID), .boolean(channel.multiWebhook != nil)),
        ]
    }
}
