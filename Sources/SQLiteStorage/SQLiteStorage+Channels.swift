import EmbeddedService
import Support
import WebhookModel

extension SQLiteStorage {
    package func register(
        _ channel: ChannelRegistration, key: KeyDigest?, call: Call,
        validator: (_ isKnown: Bool, _ owner: String?) throws(Failure) -> Void
    ) throws(Failure) {
        try write(call) { connection throws(Failure) in
            let known = try connection.first(
                "SELECT id, waba_id, key_digest FROM channel WHERE phone_number_id = ?1", .text(channel.phoneNumberID)
            ) { (id: $0.integer(0) ?? 0, wabaID: $0.integer(1) ?? 0, key: $0.digest(2)) }
            let owner = try connection.first(
                "SELECT phone_number_id FROM channel WHERE key_digest = ?1", .optional(key)
            ) { $0.text(0) ?? "" }
            try validator(known != nil, owner)
            guard let known else {
                return try connection.run(
                    "INSERT INTO channel (phone_number_id, phone_number, waba_id, key_digest) VALUES (?1, ?2, ?3, ?4)",
                    .text(channel.phoneNumberID), .optional(channel.phoneNumber), .optional(channel.wabaID), .optional(key))
            }
            if let wabaID = channel.wabaID, wabaID != known.wabaID {
                try connection.move(known.id, from: known.wabaID, to: wabaID, at: clock())
            }
            if let key, let old = known.key {
                try connection.run(
                    "UPDATE multi_webhook SET key_prefix = ?3, key_digest = ?4 WHERE key_prefix = ?1 AND key_digest = ?2",
                    .integer(old.prefix), .digest(old), .integer(key.prefix), .digest(key))
            }
            try connection.run(
                """
                UPDATE channel SET phone_number = coalesce(?2, phone_number), key_digest = coalesce(?3, key_digest)
                WHERE id = ?1
                """, .integer(known.id), .optional(channel.phoneNumber), .optional(key))
        }
    }

    package func channels(call: Call) throws(Failure) -> [Channel] {
        try read(call) { connection throws(Failure) in
            try connection.rows("SELECT phone_number_id, phone_number, waba_id FROM channel ORDER BY id") {
                Channel(phoneNumberID: $0.text(0) ?? "", phoneNumber: $0.text(1), wabaID: $0.integer(2) ?? 0)
            }
        }
    }

    package func removeChannel(_ phoneNumberID: String, call: Call) throws(Failure) -> Bool {
        try write(call) { connection throws(Failure) in
            let found = try connection.first(
                "SELECT id, waba_id, key_digest FROM channel WHERE phone_number_id = ?1", .text(phoneNumberID)
            ) { (id: $0.integer(0) ?? 0, wabaID: $0.integer(1) ?? 0, key: $0.digest(2)) }
            guard let found else { return false }
            // SQLite gives the number of the last channel out again: nothing may be left that belongs to it.
            try connection.run("DELETE FROM earlier_multi_webhook WHERE channel = ?1", .integer(found.id))
            if let key = found.key {
                try connection.run(
                    "DELETE FROM multi_webhook WHERE key_prefix = ?1 AND key_digest = ?2", .integer(key.prefix), .digest(key))
            }
            try connection.run("DELETE FROM channel WHERE id = ?1", .integer(found.id))
            try connection.forgetEmpty(wabaID: found.wabaID)
            return true
        }
    }
}

extension Connection {
    /// The channel keeps its own configuration, and its place in the order of registration: what is due on either WABA
    /// happens before the move.
    fileprivate func move(_ channel: Int64, from old: Int64, to new: Int64, at now: Int64) throws(Failure) {
        try applyDue(wabaID: old, at: now)
        try applyDue(wabaID: new, at: now)
        try run("UPDATE channel SET waba_id = ?2 WHERE id = ?1", .integer(channel), .integer(new))
        try forgetEmpty(wabaID: old)
    }

    /// A WABA's webhook goes with its last channel.
    fileprivate func forgetEmpty(wabaID: Int64) throws(Failure) {
        try run(
            "DELETE FROM waba_webhook WHERE waba_id = ?1 AND NOT EXISTS (SELECT 1 FROM channel WHERE waba_id = ?1)",
            .integer(wabaID))
    }
}
