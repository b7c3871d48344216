import EmbeddedService
import Support
import WebhookModel

extension SQLiteStorage {
    package func register(
        _ channel: ChannelRegistration, key: KeyDigest?, call: Call,
        validator: (_ isKnown: Bool, _ owner: String?) throws(Failure) -> Void
    ) throws(Failure) {
        try write(call) { connection throws(Failure) in
            let known = try connection.channel(numbered: channel.phoneNumberID)
            try validator(known != nil, try connection.owner(of: key))
            guard let known else {
                return try connection.execute(
                    "INSERT INTO channel (phone_number_id, phone_number, waba_id, key_digest) VALUES (?1, ?2, ?3, ?4)",
                    .text(channel.phoneNumberID), .optional(channel.phoneNumber), .optional(channel.wabaID), .optional(key))
            }
            if let wabaID = channel.wabaID, wabaID != known.wabaID {
                try connection.move(known.id, from: known.wabaID, to: wabaID, at: clock())
            }
            if let key, let old = known.key { try connection.moveDocument(from: old, to: key) }
            try connection.execute(
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
            guard let found = try connection.channel(numbered: phoneNumberID) else { return false }
            // SQLite gives the number of the last channel out again: nothing may be left that belongs to it.
            try connection.execute("DELETE FROM earlier_multi_webhook WHERE channel = ?1", .integer(found.id))
            if let key = found.key {
                try connection.execute(
                    "DELETE FROM multi_webhook WHERE key_prefix = ?1 AND key_digest = ?2", .integer(key.prefix), .digest(key))
            }
            try connection.execute("DELETE FROM channel WHERE id = ?1", .integer(found.id))
            try connection.forgetEmpty(wabaID: found.wabaID)
            return true
        }
    }
}

extension Connection {
    func channel(numbered phoneNumberID: String) throws(Failure) -> (id: Int64, wabaID: Int64, key: KeyDigest?)? {
        try first("SELECT id, waba_id, key_digest FROM channel WHERE phone_number_id = ?1", .text(phoneNumberID)) {
            (id: $0.integer(0) ?? 0, wabaID: $0.integer(1) ?? 0, key: $0.digest(2))
        }
    }

    /// The `phone_number_id` of the channel that has the key.
    func owner(of key: KeyDigest?) throws(Failure) -> String? {
        try first("SELECT phone_number_id FROM channel WHERE key_digest = ?1", .optional(key)) { $0.text(0) ?? "" }
    }

    /// Makes the destinations' document of a channel known by its new key.
    func moveDocument(from old: KeyDigest, to new: KeyDigest) throws(Failure) {
        try execute(
            "UPDATE multi_webhook SET key_prefix = ?3, key_digest = ?4 WHERE key_prefix = ?1 AND key_digest = ?2",
            .integer(old.prefix), .digest(old), .integer(new.prefix), .digest(new))
    }

    /// The channel keeps its own configuration, and its place in the order of registration: what is due on either WABA
    /// happens before the move.
    fileprivate func move(_ channel: Int64, from old: Int64, to new: Int64, at now: Int64) throws(Failure) {
        try applyDue(wabaID: old, at: now)
        try applyDue(wabaID: new, at: now)
        try execute("UPDATE channel SET waba_id = ?2 WHERE id = ?1", .integer(channel), .integer(new))
        try forgetEmpty(wabaID: old)
    }

    /// A WABA's webhook goes with its last channel.
    fileprivate func forgetEmpty(wabaID: Int64) throws(Failure) {
        try execute(
            "DELETE FROM waba_webhook WHERE waba_id = ?1 AND NOT EXISTS (SELECT 1 FROM channel WHERE waba_id = ?1)",
            .integer(wabaID))
    }
}
