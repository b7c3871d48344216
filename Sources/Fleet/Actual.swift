import WebhookModel

/// What the service shows of one number.
public struct Actual: Sendable {
    public var wabaID: Int64?
    public var numbers: [String] = []
    public var waba: ShownWebhook?
    public var customerURL: ExactText?
    /// Nil: not asked for.
    public var multi: ShownMulti?

    public init() {}
}

/// A WABA webhook. Headers that an answer does not show cannot be compared.
public struct ShownWebhook: Sendable {
    public var url: ExactText
    public var headers: Headers?

    public init(url: ExactText, headers: Headers?) {
        self.url = url
        self.headers = headers
    }

    func shows(_ webhook: Webhook) -> Bool {
        url == webhook.url && headers.map { $0.isSame(as: webhook.headers) } ?? true
    }
}

public struct ShownMulti: Sendable {
    public var enabled: Bool
    public var destinations: [Destination]

    public init(enabled: Bool, destinations: [Destination] = []) {
        self.enabled = enabled
        self.destinations = destinations
    }

    func destination(_ name: ExactText) -> Destination? { destinations.first { $0.name == name } }

    func shows(_ destination: Destination) -> Bool {
        self.destination(destination.name).map { $0.webhook.isSame(as: destination.webhook) } ?? false
    }
}

extension Actual {
    /// Of what is there as the document has it, the document's own copy: a fleet in agreement is in memory once.
    mutating func share(_ account: FleetAccount) {
        if let given = account.waba?.webhook, waba?.url == given.url, waba?.headers?.isExactly(given.headers) == true {
            waba = ShownWebhook(url: given.url, headers: given.headers)
        }
        if case .webhook(let given) = account.customer, customerURL == given.url { customerURL = given.url }
        if let given = account.multi?.destinations, multi?.destinations.elementsEqual(given, by: { $0.isExactly($1) }) == true {
            multi?.destinations = given
        }
    }

    mutating func takeWABA(_ json: JSON) {
        wabaID = json["waba_id"]?.integer
        numbers = (json["numbers_on_this_waba"]?.elements ?? []).compactMap { $0.string }
        waba = Self.url(json).map { ShownWebhook(url: $0, headers: json["headers"].map { Headers(shown: $0) }) }
    }

    mutating func takeCustomer(_ json: JSON) { customerURL = Self.url(json) }

    mutating func takeMulti(_ json: JSON) {
        var destinations: [Destination] = []
        for shown in json["destinations"]?.elements ?? [] {
            guard let name = shown["name"]?.string else { continue }
            let headers = shown["headers"].map { Headers(shown: $0) } ?? Headers()
            let url = ExactText(shown["url"]?.string ?? "")
            destinations.append(Destination(name: ExactText(name), webhook: Webhook(url: url, headers: headers)))
        }
        multi = ShownMulti(enabled: json["enabled"]?.boolean ?? false, destinations: destinations)
    }

    /// An empty one is none.
    private static func url(_ json: JSON) -> ExactText? {
        guard let url = json["url"]?.string, !url.isEmpty else { return nil }
        return ExactText(url)
    }
}

extension Destination {
    fileprivate func isExactly(_ other: Destination) -> Bool {
        name == other.name && webhook.url == other.webhook.url && webhook.headers.isExactly(other.webhook.headers)
    }
}
