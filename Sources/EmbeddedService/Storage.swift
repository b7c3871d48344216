import JSON
import Support
import WebhookModel

/// Keeps the channels of an embedded service and what is configured for them.
///
/// Every function is one transaction: it happens as a whole or not at all, and one that returns is durable. Each throws
/// `Failure.unauthorized` for a key that no channel has. Documents are JSON text that the storage does not look into.
/// The storage decides by its own clock what is due. Delayed changes take effect lazily: reads compute them, the next write
/// persists them. A wait ends at the call's deadline, at most after 10 s, and when the call is cancelled.
package protocol Storage: AnyObject, Sendable {
    /// The destinations' document that readings show now; nil if the channel has none yet.
    func multiWebhook(of key: KeyDigest, call: Call) throws(Failure) -> String?

    /// Replaces the newest document by what `change` makes of it; nil leaves it. Readings show the new one after `delay`, and
    /// the earlier ones until then.
    func changeMultiWebhook(
        of key: KeyDigest, delay: Duration, call: Call, _ change: (String?) throws(Failure) -> String?
    ) throws(Failure)

    /// The channel's own webhook; nil if it has none.
    func customerWebhook(of key: KeyDigest, call: Call) throws(Failure) -> CustomerWebhook?

    func setCustomerWebhook(_ webhook: CustomerWebhook, of key: KeyDigest, call: Call) throws(Failure)

    func wabaWebhook(of key: KeyDigest, call: Call) throws(Failure) -> WABAWebhook

    /// Sets the webhook of the channel's WABA after `delay`, in place of one that is not due yet.
    /// `overrideAll` removes the own webhooks of all channels that are on the WABA then. Returns the WABA's number.
    func setWABAWebhook(
        _ document: String, overrideAll: Bool, of key: KeyDigest, delay: Duration, call: Call
    ) throws(Failure) -> Int64

    /// Adds a channel, or replaces what is given of a known one. `validator` rejects by throwing; it gets whether the
    /// channel is known, and the `phone_number_id` that has the key now.
    func register(
        _ channel: ChannelRegistration, key: KeyDigest?, call: Call,
        validator: (_ isKnown: Bool, _ owner: String?) throws(Failure) -> Void
    ) throws(Failure)

    /// As registered.
    func channels(call: Call) throws(Failure) -> [Channel]

    /// Removes a channel with its own configuration, and its WABA's if no other channel is on that. Returns false if it is unknown.
    func removeChannel(_ phoneNumberID: String, call: Call) throws(Failure) -> Bool

    /// Registers the channels of `state` and sets its webhooks at once; with `replacing`, removes everything else.
    func load(_ state: InitialState, replacing: Bool, call: Call) throws(Failure)

    /// Throws if no write is possible now.
    func ping(call: Call) throws(Failure)
}

/// A channel's own webhook as it is stored: `{"url"}`, and the headers as an object.
package struct CustomerWebhook: Sendable {
    package let answer: String
    package let headers: String

    package init(answer: String, headers: String) {
        self.answer = answer
        self.headers = headers
    }
}

/// A WABA as one of its channels reads it.
package struct WABAWebhook: Sendable {
    package let wabaID: Int64
    /// `{"url", "headers"}`; nil where it was never set.
    package let document: String?
    /// The `phone_number` of each channel, or its `phone_number_id` where it has none; as registered.
    package let numbers: [String]

    package init(wabaID: Int64, document: String?, numbers: [String]) {
        self.wabaID = wabaID
        self.document = document
        self.numbers = numbers
    }
}

/// A value that a parameter of an SQL statement is bound to.
package enum SQLValue {
    case integer(Int64)
    case text(String)
    case digest(KeyDigest)
    case boolean(Bool)
    case null

    package static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    package static func optional(_ number: Int64?) -> SQLValue { number.map { .integer($0) } ?? .null }
    package static func optional(_ digest: KeyDigest?) -> SQLValue { digest.map { .digest($0) } ?? .null }
}
