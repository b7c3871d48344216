import EmbeddedService
import Support
import WebhookModel

extension PostgreSQLStorage {
    package func register(
        _ channel: ChannelRegistration, key: KeyDigest?, call: Call,
        validator: (_ isKnown: Bool, _ owner: String?) throws(Failure) -> Void
    ) throws(Failure) {
        try write(call) { transaction throws(AttemptError) in
            // Of two that register the same at once, the later one gets a unique violation and begins again.
            let found = try transaction.lockWABA(
                of: channel.phoneNumberID, and: channel.wabaID,
                Query("SELECT phone_number_id FROM d360_webhook.channel WHERE key_digest = $1", .optional(key)))
            try AttemptError.permanently { () throws(Failure) in try validator(found.known != nil, found.others.text(0)) }
            guard let known = found.known else {
                return try transaction.commit([
                    Query(
                        """
                        INSERT INTO d360_webhook.channel (phone_number_id, phone_number, waba_id, key_digest)
                        VALUES ($1, $2, $3, $4)
                        """, .text(channel.phoneNumberID), .optional(channel.phoneNumber), .optional(channel.wabaID),
                        .optional(key))
                ])
            }
            var queries: [Query] = []
            if let wabaID = channel.wabaID, wabaID != known.wabaID {
                queries += try transaction.move(known.id, from: known.wabaID, to: wabaID)
            }
            queries.append(
                Query(
                    """
                    UPDATE d360_webhook.channel
                    SET phone_number = coalesce($2, phone_number), key_digest = coalesce($3, key_digest) WHERE id = $1
                    """, .integer(known.id), .optional(channel.phoneNumber), .optional(key)))
            try transaction.commit(queries)
        }
    }

    package func channels(call: Call) throws(Failure) -> [Channel] {
        let query = Query("SELECT phone_number_id, phone_number, waba_id FROM d360_webhook.channel ORDER BY id")
        return try rows(query, call).map(call) {
            Channel(phoneNumberID: $0.text(0, $1) ?? "", phoneNumber: $0.text(1, $1), wabaID: $0.integer(2, $1) ?? 0)
        }
    }

    package func removeChannel(_ phoneNumberID: String, call: Call) throws(Failure) -> Bool {
        try write(call) { transaction throws(AttemptError) in
            guard let known = try transaction.lockWABA(of: phoneNumberID, and: nil).known else { return false }
            try transaction.commit([
                Query("DELETE FROM d360_webhook.channel WHERE id = $1", .integer(known.id)),
                .forgetEmpty(wabaID: known.wabaID),
            ])
            return true
        }
    }
}

extension Transaction {
    /// Locks the channel's WABA and, if `wabaID` is given, that one too, in the order of their locks' numbers. `question` runs in
    /// the same round trip.
    fileprivate func lockWABA(
        of phoneNumberID: String, and wabaID: Int64?, _ question: Query = Query("SELECT")
    ) throws(AttemptError) -> (known: (id: Int64, wabaID: Int64)?, others: Rows) {
        let answers = try execute([
            Query(
                """
                SELECT slot, pg_advisory_xact_lock(1681077808, slot) FROM (
                    SELECT DISTINCT (waba_id % 2147483647)::integer AS slot FROM (
                        SELECT waba_id FROM d360_webhook.channel WHERE phone_number_id = $1 UNION ALL SELECT $2::bigint
                    ) AS wabas WHERE waba_id IS NOT NULL ORDER BY slot
                ) AS slots
                """, .text(phoneNumberID), .optional(wabaID)),
            Query("SELECT id, waba_id FROM d360_webhook.channel WHERE phone_number_id = $1", .text(phoneNumberID)),
            question,
        ])
        guard answers.count == 3 else { throw .permanent(.fault("a statement has no result")) }
        guard let id = answers[1].integer(0), let found = answers[1].integer(1) else { return (nil, answers[2]) }
        // It may have been registered or moved in between.
        let slot = found % 2_147_483_647
        guard (0..<answers[0].count).contains(where: { answers[0].integer(0, $0) == slot }) else {
            throw .conflict(.locked(place))
        }
        return ((id, found), answers[2])
    }

    /// The channel keeps its own configuration, and its place in the order of registration: what is due on either WABA
    /// happens before the move.
    fileprivate func move(_ channel: Int64, from old: Int64, to new: Int64) throws(AttemptError) -> [Query] {
        let due = try execute(
            Query(
                """
                SELECT waba_id, override_all FROM d360_webhook.waba_webhook
                WHERE waba_id IN ($1, $2) AND applies_at <= d360_webhook.moment()
                """, .integer(old), .integer(new)))
        return (0..<due.count).flatMap { row in
            Query.applyDue(wabaID: due.integer(0, row) ?? 0, overridesAll: due.boolean(1, row) == true)
        } + [
            Query("UPDATE d360_webhook.channel SET waba_id = $2 WHERE id = $1", .integer(channel), .integer(new)),
            .forgetEmpty(wabaID: old),
        ]
    }
}

extension Query {
    /// A WABA's webhook goes with its last channel.
    fileprivate static func forgetEmpty(wabaID: Int64) -> Query {
        Query(
            """
            DELETE FROM d360_webhook.waba_webhook
            WHERE waba_id = $1 AND NOT EXISTS (SELECT 1 FROM d360_webhook.channel WHERE waba_id = $1)
            """, .integer(wabaID))
    }
}
