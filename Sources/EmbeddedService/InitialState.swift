import JSON
import Support
import WebhookModel

/// A service begins with these channels, their webhooks, and webhooks of WABAs. They are validated.
package struct InitialState: Sendable {
    package struct ChannelState: Sendable {
        package let registration: ChannelRegistration
        package let wabaID: Int64
        package let key: KeyDigest
        /// Nil leaves the channel's own.
        package var customerWebhook: CustomerWebhook?
        /// The destinations' document; nil leaves the channel's own.
        package var multiWebhook: String?
    }

    package struct WABAState: Sendable {
        package let wabaID: Int64
        package let document: String
    }

    package private(set) var channels: [ChannelState] = []
    package private(set) var wabas: [WABAState] = []

    package init() {}

    /// `{"channels": [channel, …], "wabas": [{"waba_id", "url", "headers"?}, …]?}`; a channel may have `customer_webhook` and
    /// `multi_webhook`, in the shapes of the API. A failure's path leads into `json`.
    package init(_ json: JSON, options: EmbeddedOptions, policy: URLPolicy) throws(Failure) {
        let validator = RequestValidator(scope: .embedded, policy: policy)
        // Phone numbers by key, so that a key given twice is found before anything is written.
        var owners: [ExactString: ExactString] = [:]
        var channels: [ChannelState] = []
        var wabas: [WABAState] = []
        try validator.members(of: json, at: "", required: ["channels"], optional: ["wabas"]) { name, list, path throws(Failure) in
            guard list.kind == .array else { return try validator.reject(.documented, "\(name) must be an array", at: path) }
            for (index, element) in list.elements.enumerated() {
                let place = "\(path)/\(index)"
                if name == "channels" {
                    channels.append(try Self.channel(element, at: place, validator, options, &owners))
                } else {
                    wabas.append(try Self.waba(element, at: place, validator))
                }
            }
        }
        let known = Set(channels.map { $0.wabaID })
        for (index, waba) in wabas.enumerated() where !known.contains(waba.wabaID) {
            throw Failure(.invalidRequest, "no channel is on this WABA", path: "/wabas/\(index)/waba_id")
        }
        self.channels = channels
        self.wabas = wabas
    }

    private static func channel(
        _ json: JSON, at path: String, _ validator: RequestValidator, _ options: EmbeddedOptions,
        _ owners: inout [ExactString: ExactString]
    ) throws(Failure) -> ChannelState {
        let webhooks = ["customer_webhook", "multi_webhook"]
        let members = json.members.filter { !webhooks.contains($0.name) }
        let registration = try within(path) { () throws(Failure) in
            let text = json.kind == .object ? try JSON.object(members.map { ($0.name, $0.value) }).text() : try json.text()
            return try ChannelRegistration(text)
        }
        guard let wabaID = registration.wabaID, let key = registration.key else {
            throw Failure(.invalidRequest, "\(registration.key == nil ? "api_key" : "waba_id") is missing", path: path)
        }
        let number = ExactString(registration.phoneNumberID)
        guard owners.updateValue(number, forKey: ExactString(key.text)) ?? number == number else {
            throw Failure(.conflict, "api_key belongs to another phone number", path: path + "/api_key")
        }
        var channel = ChannelState(registration: registration, wabaID: wabaID, key: try KeyDigest(key))
        if let body = json["customer_webhook"] {
            channel.customerWebhook = try within(path + "/customer_webhook") { () throws(Failure) in
                try CustomerWebhook(validator.webhook(body))
            }
        }
        if let body = json["multi_webhook"] {
            channel.multiWebhook = try within(path + "/multi_webhook") { () throws(Failure) in
                var state = MultiWebhook()
                if case .multiWebhookSet(true, let destinations) = try validator.multiWebhookSet(body) {
                    _ = try state.enable(destinations, maximum: options.maxDestinations)
                }
                return state.document()
            }
        }
        return channel
    }

    private static func waba(_ json: JSON, at path: String, _ validator: RequestValidator) throws(Failure) -> WABAState {
        guard let number = json["waba_id"]?.integer, number > 0 else {
            throw Failure(.invalidRequest, "waba_id must be an integer from 1 to 2^63 - 1", path: path + "/waba_id")
        }
        let webhook = try within(path) { () throws(Failure) in
            try validator.webhook(JSON.object(json.members.filter { $0.name != "waba_id" }.map { ($0.name, $0.value) }))
        }
        return WABAState(wabaID: number, document: try webhook.document())
    }

    private static func within<Result>(_ path: String, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        do throws(Failure) { return try body() } catch { throw error.with { $0.path = path + ($0.path ?? "") } }
    }
}

extension CustomerWebhook {
    fileprivate init(_ webhook: Webhook) throws(Failure) {
        self.init(
            answer: try JSON.object([("url", try .string(webhook.url.string))]).text(),
            headers: try webhook.headers.json().text())
    }
}

extension Webhook {
    fileprivate func document() throws(Failure) -> String {
        try JSON.object([("url", try .string(url.string)), ("headers", try headers.json())]).text()
    }
}

extension EmbeddedService {
    /// Registers the channels and sets the webhooks that `state` gives; with `replacing`, removes everything else.
    package func load(_ state: InitialState, replacing: Bool, call: Call) throws(Failure) {
        try storage.load(state, replacing: replacing, call: call)
    }
}
