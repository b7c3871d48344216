import JSON
import Support
import WebhookModel

/// How numbers should be configured, decoded and checked against the rules.
package struct FleetDocument: Sendable {
    /// Bytes of a fleet document or of fleet options.
    package static let maximumBytes = 64 * JSON.maximumBytes

    package var accounts: [FleetAccount] = []
}

/// One number as the document wants it. A section that is absent is not managed.
package struct FleetAccount: Sendable {
    package let name: String
    package let key: APIKey
    package var expectation = Expectation()
    package var sections = ManagedSections()

    package init(name: String, key: APIKey) {
        self.name = name
        self.key = key
    }

    package var customer: CustomerSection { sections.customer }
    package var waba: WABASection? { sections.waba }
    package var multi: MultiSection? { sections.multi }
}

/// These must be true of an account before anything is written.
package struct Expectation: Sendable {
    package var wabaID: Int64?
    /// As the document writes it; compared by its digits.
    package var number: String?

    package init() {}
}

/// The sections of an account or of a profile.
package struct ManagedSections: Sendable {
    package var customer = CustomerSection.unmanaged
    package var waba: WABASection?
    package var multi: MultiSection?
}

package enum CustomerSection: Sendable {
    case unmanaged
    /// `null`: the number has no webhook of its own and follows its WABA's.
    case follows
    /// Headers are nil if the document leaves them out: then they are not managed.
    case webhook(url: ExactString, headers: Headers?)
}

package struct WABASection: Sendable {
    package var webhook: Webhook
    package var overrideAll: Bool
}

package struct MultiSection: Sendable {
    package var enabled = true
    /// Deletes destinations that the document does not name.
    package var prune = false
    package var destinations: [Destination] = []
}

extension FleetAccount {
    var follows: Bool { if case .follows = customer { true } else { false } }

    var leavesCustomerUnmanaged: Bool { if case .unmanaged = customer { true } else { false } }

    /// The webhooks of the document, each with the path of its URL as findings name it.
    var webhooks: [(path: String, webhook: Webhook)] {
        var webhooks: [(path: String, webhook: Webhook)] = []
        if case .webhook(let url, let headers) = customer {
            webhooks.append((Change.customerURL, Webhook(url: url, headers: headers ?? Headers())))
        }
        if let waba { webhooks.append((Change.wabaURL, waba.webhook)) }
        for one in multi?.destinations ?? [] { webhooks.append((Change.path(one.name, "url"), one.webhook)) }
        return webhooks
    }

    /// Texts about this account must not repeat these.
    var secrets: [String] {
        var secrets: [String] = []
        func add(_ url: ExactString, _ headers: Headers?) {
            for field in headers?.fields ?? [] { secrets.append(field.value.string) }
            if !URLText.isRedacted(url.string) { secrets += URLText(url.string).secrets }
        }
        if case .webhook(let url, let headers) = customer { add(url, headers) }
        if let webhook = waba?.webhook { add(webhook.url, webhook.headers) }
        for one in multi?.destinations ?? [] { add(one.webhook.url, one.webhook.headers) }
        return secrets
    }
}

/// The digits of a phone number: "+49 30 123456" and "4930123456" are one.
func phoneDigits(_ number: String) -> String {
    let isDigit = { (byte: UInt8) in byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    if number.utf8.allSatisfy(isDigit) { return number }
    return String(decoding: number.utf8.filter(isDigit), as: UTF8.self)
}
