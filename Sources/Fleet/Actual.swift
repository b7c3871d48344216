import JSON
import Support
import WebhookModel

/// What the service shows of one number.
package struct Actual: Sendable {
    package var wabaID: Int64?
    package var numbers: [String] = []
    package var waba: ShownWebhook?
    package var customerURL: ExactString?
    /// Nil: not asked for.
    package var multi: ShownMulti?

    package init() {}
}

/// A WABA webhook. Headers that an answer does not show cannot be compared.
package struct ShownWebhook: Sendable {
    package var url: ExactString
    package var headers: Headers?

    package init(url: ExactString, headers: Headers?) {
        self.url = url
        self.headers = headers
    }

    func shows(_ webhook: Webhook) -> Bool {
        url == webhook.url && headers.map { $0 == webhook.headers } ?? true
    }
}

package struct ShownMulti: Sendable {
    package var enabled: Bool
    package var destinations: [Destination]

    package init(enabled: Bool, destinations: [Destination] = []) {
        self.enabled = enabled
        self.destinations = destinations
    }

    func destination(_ name: ExactString) -> Destination? { destinations.first { $0.name == name } }

    func shows(_ destination: Destination) -> Bool {
        self.destination(destination.name).map { $0.webhook == destination.webhook } ?? false
    }
}

extension Actual {
    /// Of what is there as the document has it, the document's own copy: a fleet in agreement is in memory once.
    mutating func share(_ account: FleetAccount) {
        if let given = account.waba?.webhook, waba?.url == given.url, waba?.headers == given.headers {
            waba = ShownWebhook(url: given.url, headers: given.headers)
        }
        if case .webhook(let given) = account.customer, customerURL == given.url { customerURL = given.url }
        if let given = account.multi?.destinations, multi?.destinations == given {
            multi?.destinations = given
        }
    }

    mutating func take(_ reading: Reading) {
        switch reading {
        case .wabaWebhook(let shown):
            wabaID = shown.wabaID
            numbers = shown.numbers ?? []
            waba = shown.url.flatMap { $0.string.isEmpty ? nil : ShownWebhook(url: $0, headers: shown.headers) }
        case .customerWebhook(let shown): customerURL = shown.url.flatMap { $0.string.isEmpty ? nil : $0 }
        case .multiWebhook(let shown):
            var destinations: [Destination] = []
            for shown in shown.destinations ?? [] {
                guard let name = shown.name else { continue }
                destinations.append(
                    Destination(name: name, webhook: Webhook(url: shown.url ?? "", headers: shown.headers ?? Headers())))
            }
            multi = ShownMulti(enabled: shown.isOn, destinations: destinations)
        }
    }
}
