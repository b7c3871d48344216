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
                try connection.setWABAWebhook(waba.document, wabaID: waba.wabaID)
            }
            try connection.execute("DELETE FROM waba_webhook WHERE waba_id NOT IN (SELECT waba_id FROM channel)")
        }
    }
}

extension Connection {
    fileprivate func removeAll() throws(Failure) {
        try execute("DELETE FROM earlier_multi_webhook")
        try execute("DELETE FROM multi_webhook")
        try execute("DELETE FROM waba_webhook")
        try execute("DELETE FROM channel")
    }

    /// Pending webhooks that are due take effect before channels move between WABAs.
    fileprivate func applyAllDue(at now: Int64) throws(Failure) {
        try execute(
            """
            UPDATE channel SET customer_webhook = NULL, customer_headers = NULL
            WHERE waba_id IN (SELECT waba_id FROM waba_webhook WHERE applies_at <= ?1 AND override_all)
            """, .integer(now))
        try execute(
            """
            UPDATE waba_webhook SET document = pending, pending = NULL, applies_at = NULL, override_all = 0
            WHERE applies_at <= ?1
            """, .integer(now))
    }

    /// `position` is the channel's in the state that is loaded.
    fileprivate func put(_ channel: InitialState.ChannelState, at position: Int) throws(Failure) {
        let number = channel.registration.phoneNumberID
        if let owner = try owner(of: channel.key), ExactString(owner) != ExactString(number) {
            throw Failure(.conflict, "api_key belongs to another phone number", path: "/channels/\(position)/api_key")
        }
        let known = try self.channel(numbered: number)
        if let old = known?.key { try moveDocument(from: old, to: channel.key) }
        try execute(
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
        if let known { try execute("DELETE FROM earlier_multi_webhook WHERE channel = ?1", .integer(known.id)) }
        try execute(
            """
            INSERT INTO multi_webhook (key_prefix, key_digest, document, shows_at) VALUES (?1, ?2, ?3, 0)
            ON CONFLICT (key_prefix) DO UPDATE SET key_digest = excluded.key_digest, document = excluded.document, shows_at = 0
            """, .integer(channel.key.prefix), .digest(channel.key), .text(document))
    }
}
