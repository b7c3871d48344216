import WebhookModel

/// How numbers ought to be configured, decoded and held to the rules.
package struct FleetDocument: Sendable {
    package var accounts: [FleetAccount] = []
}

/// One number as the document wants it. A section that is absent is not managed.
package struct FleetAccount: Sendable {
    package var name: String
    package var key: APIKey
    package var expectation = Expectation()
    package var customer = CustomerSection.unmanaged
    package var waba: WABASection?
    package var multi: MultiSection?

    package init(name: String, key: APIKey) {
        self.name = name
        self.key = key
    }
}

/// What must be true of an account before anything is written.
package struct Expectation: Sendable {
    package var wabaID: Int64?
    /// As the document writes it; compared by its digits.
    package var number: String?

    package init() {}
}

package enum CustomerSection: Sendable {
    case unmanaged
    /// `null`: the number has no webhook of its own and follows its WABA's.
    case follows
    case webhook(Webhook)
}

package struct WABASection: Sendable {
    package var webhook: Webhook
    package var overrideAll: Bool

    package init(_ webhook: Webhook, overrideAll: Bool = false) {
        self.webhook = webhook
        self.overrideAll = overrideAll
    }
}

package struct MultiSection: Sendable {
    package var enabled = true
    /// Deletes destinations that the document does not give.
    package var prune = false
    package var destinations: [Destination] = []

    package init() {}
}

/// Sections of an account, as the document and the option `force` name them.
package enum Section: String, Sendable, CaseIterable {
    case customer = "customer_webhook"
    case waba = "waba_webhook"
    case multi = "multi_webhook"
}

extension Webhook {
    func isSame(as other: Webhook) -> Bool { url == other.url && headers == other.headers }
}

/// The digits of a phone number: "+49 30 123456" and "4930123456" are one.
func digits(_ number: String) -> String {
    let isDigit = { (byte: UInt8) in byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    if number.utf8.allSatisfy(isDigit) { return number }
    return String(decoding: number.utf8.filter(isDigit), as: UTF8.self)
}
