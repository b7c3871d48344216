import JSON
import Support
import WebhookModel

/// The service without a network: its rules, applied to a storage.
package final class EmbeddedService: WebhookService {
    package let scope = RequestValidator.Scope.embedded

    let storage: any Storage
    private let options: EmbeddedOptions
    private let clock: @Sendable () -> Int64

    /// `clock` says the milliseconds since 1970.
    package init(
        _ storage: any Storage, options: EmbeddedOptions, clock: @escaping @Sendable () -> Int64 = { Clock.wall.milliseconds }
    ) {
        self.storage = storage
        self.options = options
        self.clock = clock
    }

    package func perform(_ request: Request, key: APIKey, call: Call) throws(Failure) -> String {
        let digest = try KeyDigest(key)
        return try countingAttempt { () throws(Failure) in
            switch request.operation {
            case .multiWebhookGet:
                return try options.answers.multiWebhook(storage.multiWebhook(of: digest, call: call))
            case .multiWebhookSet(let enabled, let destinations):
                try change(digest, call) { state throws(Failure) in
                    enabled ? try state.enable(destinations, maximum: options.maxDestinations) : state.disable()
                }
            case .multiWebhookAppend(let destinations):
                try change(digest, call) { state throws(Failure) in
                    try state.append(destinations, maximum: options.maxDestinations)
                    return true
                }
            case .multiWebhookUpdate(let update):
                try change(digest, call) { state throws(Failure) in
                    try state.update(update)
                    return true
                }
            case .multiWebhookDelete(let name):
                try change(digest, call) { state throws(Failure) in
                    try state.delete(name)
                    return true
                }
                return VendorMessages.destinationDeleted
            case .customerWebhookGet:
                return try options.answers.customerWebhook(storage.customerWebhook(of: digest, call: call))
            case .customerWebhookSet(let webhook):
                return try setCustomerWebhook(webhook, digest, call)
            case .wabaWebhookGet:
                return try options.answers.wabaWebhook(storage.wabaWebhook(of: digest, call: call), call)
            case .wabaWebhookSet(let webhook, let overrideAll):
                return try setWABAWebhook(webhook, overrideAll, digest, call)
            }
            return VendorMessages.operationStarted
        }
    }

    package func read(_ setting: OperationKind.Setting, key: APIKey, call: Call) throws(Failure) -> SettingReading {
        try SettingReading(text: perform(Request(setting), key: key, call: call), of: setting)
    }

    /// True if a service that answers like `not_found` answers this over HTTP with 404: the webhook is not set. In the library
    /// it is `{}`.
    package func isNotFound(_ answer: String, to request: Request) -> Bool {
        guard options.answers == .notFound, case .customerWebhookGet = request.operation else { return false }
        return answer == AnswerStyle.nothing
    }

    /// `body` returns whether it changed anything.
    private func change(
        _ key: KeyDigest, _ call: Call, _ body: (inout MultiWebhook) throws(Failure) -> Bool
    ) throws(Failure) {
        try storage.changeMultiWebhook(of: key, delay: options.multiApplyDelay, call: call) {
            document throws(Failure) in
            var state = try MultiWebhook(document: document)
            return try body(&state) ? state.document() : nil
        }
    }

    private func setCustomerWebhook(_ webhook: Webhook, _ key: KeyDigest, _ call: Call) throws(Failure) -> String {
        let answer = try JSON.object([("url", try .string(webhook.url.string))]).text()
        let kept = CustomerWebhook(answer: answer, headers: try webhook.headers.json().text())
        try storage.setCustomerWebhook(kept, of: key, call: call)
        return answer
    }

    private func setWABAWebhook(
        _ webhook: Webhook, _ overrideAll: Bool, _ key: KeyDigest, _ call: Call
    ) throws(Failure) -> String {
        let document = try JSON.object([
            ("url", try .string(webhook.url.string)), ("headers", try webhook.headers.json()),
        ]).text()
        let wabaID = try storage.setWABAWebhook(
            document, overrideAll: overrideAll, of: key, delay: options.applyDelay, call: call)
        return VendorMessages.webhookWillBeSet(wabaID: wabaID)
    }
}

extension EmbeddedService {
    /// Adds a channel or replaces what is given of a known one. Answers `{"message"}`.
    package func register(_ channel: ChannelRegistration, call: Call) throws(Failure) -> String {
        var key: KeyDigest?
        if let given = channel.key { key = try KeyDigest(given) }
        try countingAttempt { () throws(Failure) in
            try storage.register(channel, key: key, call: call) { isKnown, owner throws(Failure) in
                if !isKnown, let missing = channel.wabaID == nil ? "waba_id" : key == nil ? "api_key" : nil {
                    throw Failure(.invalidRequest, "\(missing) is missing", path: "")
                }
                if let owner, ExactString(owner) != ExactString(channel.phoneNumberID) {
                    throw Failure(.conflict, "api_key belongs to another phone number", path: "/api_key")
                }
            }
        }
        return #"{"message":"Channel registered"}"#
    }

    /// `{"channels": [{"phone_number_id", "phone_number"?, "waba_id"}]}`
    package func listChannels(call: Call) throws(Failure) -> String {
        try countingAttempt { () throws(Failure) in
            let channels = try storage.channels(call: call)
            return #"{"channels":"# + (try jsonArray(channels, call) { channel throws(Failure) in try channel.json() }) + "}"
        }
    }

    package func removeChannel(_ phoneNumberID: String, call: Call) throws(Failure) -> String {
        try countingAttempt { () throws(Failure) in
            guard try storage.removeChannel(phoneNumberID, call: call) else {
                throw Failure(.notFound, "no channel has this phone_number_id")
            }
        }
        return #"{"message":"Channel removed"}"#
    }

    /// Throws if no channel has the key, or if the storage fails.
    package func authorize(_ key: APIKey, call: Call) throws(Failure) {
        _ = try storage.customerWebhook(of: KeyDigest(key), call: call)
    }

    /// Throws if the storage cannot write.
    package func ping(call: Call) throws(Failure) { try storage.ping(call: call) }

    /// From here on a failure counts as one attempt.
    private func countingAttempt<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        do throws(Failure) { return try body() } catch { throw error.with { $0.attempts = 1 } }
    }
}

/// A JSON array of any length, which a cancel ends.
func jsonArray<Element>(
    _ elements: [Element], _ call: Call, _ json: (Element) throws(Failure) -> JSON
) throws(Failure) -> String {
    var text = "["
    for (index, element) in elements.enumerated() {
        if index % 1_024 == 0 && call.isCancelled { throw .cancelled }
        if index > 0 { text += "," }
        text += try json(element).text()
    }
    return text + "]"
}
