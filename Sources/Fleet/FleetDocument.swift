import WebhookModel

/// How numbers ought to be configured, decoded and held to the rules.
public struct FleetDocument: Sendable {
    public var accounts: [FleetAccount] = []
}

/// One number as the document wants it. A section that is absent is not managed.
public struct FleetAccount: Sendable {
    public var name: String
    public var key: APIKey
    public var expectation = Expectation()
    public var customer = CustomerSection.unmanaged
    public var waba: WABASection?
    public var multi: MultiSection?

    public init(name: String, key: APIKey) {
        self.name = name
        self.key = key
    }
}

/// What must be true of an account before anything is written.
public struct Expectation: Sendable {
    public var wabaID: Int64?
    /// As the document writes it; compared by its digits.
    public var number: String?

    public init() {}
}

public enum CustomerSection: Sendable {
    case unmanaged
    /// `null`: the number has no webhook of its own and follows its WABA's.
    case follows
    case webhook(Webhook)
}

public struct WABASection: Sendable {
    public var webhook: Webhook
    public var overrideAll: Bool

    public init(_ webhook: Webhook, overrideAll: Bool = false) {
        self.webhook = webhook
        self.overrideAll = overrideAll
    }
}

public struct MultiSection: Sendable {
    public var enabled = true
    /// Deletes destinations that the document does not give.
    public var prune = false
    public var destinations: [Destination] = []

    public init() {}
}

/// Sections of an account, as the document and the option `force` name them.
public enum Section: String, Sendable, CaseIterable {
    case customer = "customer_webhook"
    case waba = "waba_webhook"
    case multi = "multi_webhook"
}

extension Webhook {
    func isSame(as other: Webhook) -> Bool { url == other.url && headers.isSame(as: other.headers) }
}

/// The digits of a phone number: "+49 30 123456" and "4930123456" are one.
func digits(_ number: String) -> String {
    let isDigit = { (byte: UInt8) in byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    if number.utf8.allSatisfy(isDigit) { return number }
    return String(decoding: number.utf8.filter(isDigit), as: UTF8.self)
}
