import JSON
import Support
import WebhookModel

/// Where an embedded service keeps its channels and what is configured for them.
///
/// Every function is one transaction: it happens as a whole or not at all, and one that returns is durable. Each throws
/// `Failure.unauthorized` for a key that no channel has. Documents are JSON text that the storage does not look into.
/// Moments are milliseconds of the wall clock, as other processes and later ones read them too; a writing asks for its
/// moment once nobody else can write.
///
/// What becomes due becomes so by being read: a reading computes it and writes nothing; the next write puts it down.
package protocol Storage: AnyObject, Sendable {
    /// The destinations' document that readings show at `now`; nil where the channel has none yet.
    func multiWebhook(of key: KeyDigest, at now: Int64, call: Call) throws(Failure) -> String?

    /// Puts in place of the newest document what `change` makes of it; nil leaves it. Readings show the new one `delay`
    /// milliseconds later, and those before it until then.
    func changeMultiWebhook(
        of key: KeyDigest, at now: () -> Int64, delay: Int64, call: Call, _ change: (String?) throws(Failure) -> String?
    ) throws(Failure)

    /// What a reading of the channel's own webhook answers at `now`; nil where it has none.
    func customerWebhook(of key: KeyDigest, at now: Int64, call: Call) throws(Failure) -> String?

    func setCustomerWebhook(_ webhook: CustomerWebhook, of key: KeyDigest, at now: () -> Int64, call: Call) throws(Failure)

    func wabaWebhook(of key: KeyDigest, at now: Int64, call: Call) throws(Failure) -> WABAWebhook

    /// Sets the webhook of the channel's WABA `delay` milliseconds from now, in place of one that is not due yet.
    /// `overrideAll` removes the own webhooks of all channels that are on the WABA then. Returns the WABA's number.
    func setWABAWebhook(
        _ document: String, overrideAll: Bool, of key: KeyDigest, at now: () -> Int64, delay: Int64, call: Call
    ) throws(Failure) -> Int64

    /// Adds a channel, or replaces what is given of a known one. `validator` refuses by throwing: it is told whether the
    /// channel is known, and the `phone_number_id` that has the key now.
    func register(
        _ channel: ChannelRegistration, key: KeyDigest?, at now: () -> Int64, call: Call,
        validator: (_ isKnown: Bool, _ owner: String?) throws(Failure) -> Void
    ) throws(Failure)

    /// As registered.
    func channels(call: Call) throws(Failure) -> [Channel]

    /// Removes a channel with its own configuration, and its WABA's where no other channel is on that. False: unknown.
    func removeChannel(_ phoneNumberID: String, call: Call) throws(Failure) -> Bool

    /// Registers the channels of `state` and sets its webhooks at once; with `replacing`, removes everything else.
    func load(_ state: InitialState, replacing: Bool, call: Call) throws(Failure)

    /// Throws if no write is possible now.
    func ping(call: Call) throws(Failure)
}

/// A channel's own webhook as it is kept: what a reading answers, and the headers, which none shows.
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
