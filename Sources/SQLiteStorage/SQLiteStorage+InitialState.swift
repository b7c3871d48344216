import EmbeddedService
import Support
import WebhookModel

extension SQLiteStorage {
    package func load(_ state: InitialState, replacing: Bool, call: Call) throws(Failure) {
        try write(call) { connection throws(Failure) in
            if replacing { try connection.removeAll() } else { try connection.applyAllDue(at: clock()) }
            for (index, channel) in state.channels.enumerated() {
                if index % 1_024 == 0 { try call.check() }
                try connection.put(channel, at: index)
            }
            for waba in state.wabas {
                try connection.run(
                    """
                    INSERT INTO waba_webhook (waba_id, document) VALUES (?1, ?2) ON CONFLICT (waba_id) DO UPDATE
                    SET document = excluded.document, pending = NULL, applies_at = NULL, override_all = 0
                    """, .integer(waba.wabaID), .text(waba.document))
            }
            try connection.run("DELETE FROM waba_webhook WHERE waba_id NOT IN (SELECT waba_id FROM channel)")
        }
    }

    /// A reading does: as long as the file can be read, a write waits only for other writers.
    package func ping(call: Call) throws(Failure) { _ = try channelExists(call) }

    private func channelExists(_ call: Call) throws(Failure) -> Bool {
        try read(call) { connection throws(Failure) in
            try connection.first("SELECT 1 FROM channel LIMIT 1") { _ in true } ?? false
        }
    }
}

extension Connection {
    fileprivate func removeAll() throws(Failure) {
        try run("DELETE FROM earlier_multi_webhook")
        try run("DELETE FROM multi_webhook")
        try run("DELETE FROM waba_webhook")
        try run("DELETE FROM channel")
    }

    /// Pending webhooks that are due take effect before channels move between WABAs.
    fileprivate func applyAllDue(at now: Int64) throws(Failure) {
        try run(
            """
            UPDATE channel SET customer_webhook = NULL, customer_headers = NULL
            WHERE waba_id IN (SELECT waba_id FROM waba_webhook WHERE applies_at <= ?1 AND override_all)
            """, .integer(now))
        try run(
            """
            UPDATE waba_webhook SET document = pending, pending = NULL, applies_at = NULL, override_all = 0
            WHERE applies_at <= ?1
            """, .integer(now))
    }

    /// `position` is the channel's in the state that is loaded.
    fileprivate func put(_ channel: InitialState.ChannelState, at position: Int) throws(Failure) {
        let owner = try first(
            "SELECT phone_number_id FROM channel WHERE key_digest = ?1", .digest(channel.key)
        ) { $0.text(0) ?? "" }
        let number = channel.registration.phoneNumberID
        if let owner, ExactString(owner) != ExactString(number) {
            throw Failure(.conflict, "api_key belongs to another phone number", path: "/channels/\(position)/api_key")
        }
        let known = try first(
            "SELECT id, key_digest FROM channel WHERE phone_number_id = ?1", .text(number)
        ) { (id: $0.integer(0) ?? 0, key: $0.digest(1)) }
        if let old = known?.key {
            try run(
                "UPDATE multi_webhook SET key_prefix = ?3, key_digest = ?4 WHERE key_prefix = ?1 AND key_digest = ?2",
                .integer(old.prefix), .digest(old), .integer(channel.key.prefix), .digest(channel.key))
        }
        try run(
            """
            INSERT INTO channel (phone_number_id, phone_number, waba_id, key_digest, customer_webhook, customer_headers)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (phone_number_id) DO UPDATE SET
                phone_number = coalesce(excluded.phone_number, phone_number), waba_id = excluded.waba_id,
                key_digest = excluded.key_digest,
                customer_webhook = coalesce(excluded.customer_webhook, customer_webhook),
                customer_headers = coalesce(excluded.customer_headers, customer_headers)
            """, .text(number), .optional(channel.registration.phoneNumber), .integer(channel.wabaID), .digest(channel.key),
            .optional(channel.customerWebhook?.answer), .optional(channel.customerWebhook?.headers))
        guard let document = channel.multiWebhook else { return }
        if let known { try run("DELETE FROM earlier_multi_webhook WHERE channel = ?1", .integer(known.id)) }
        try run(
            """
            INSERT INTO multi_webhook (key_prefix, key_digest, document, shows_at) VALUES (?1, ?2, ?3, 0)
            ON CONFLICT (key_prefix) DO UPDATE SET key_digest = excluded.key_digest, document = excluded.document, shows_at = 0
            """, .integer(channel.key.prefix), .digest(channel.key), .text(document))
    }
}
