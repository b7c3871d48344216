import Fleet
import JSON
import Support
import WebhookModel

/// A document's accounts, as its JSON gives them.
func accounts(_ text: String) throws(Failure) -> [FleetAccount] {
    try FleetDocument(text, RequestValidator(scope: .embedded, policy: .cloud)).accounts
}

/// One account with these sections.
func account(_ sections: String) throws(Failure) -> FleetAccount {
    let text = #"{"accounts":[{"name":"berlin","api_key":"key"\#(sections.isEmpty ? "" : ",")\#(sections)}]}"#
    guard let account = try accounts(text).first else { throw .fault("a document without accounts") }
    return account
}

func url(_ name: String) -> ExactString { ExactString("https://\(name).example.com/") }

func destination(_ name: String, _ place: String? = nil) -> Destination {
    Destination(name: ExactString(name), webhook: Webhook(url: url(place ?? name)))
}

/// A number on a WABA, with the digits of its number.
func number(_ customer: String? = nil, waba: String? = nil, on id: Int64 = 1, numbers: [String] = ["+49 30 1"]) -> Actual {
    var actual = Actual()
    actual.wabaID = id
    actual.numbers = numbers
    actual.customerURL = customer.map(url)
    actual.waba = waba.map { ShownWebhook(url: url($0), headers: Headers()) }
    return actual
}

extension Action {
    /// As a line: what it does, and to which destinations.
    var line: String {
        switch kind {
        case .setCustomer(let webhook): "customer \(webhook.url.string)"
        case .setWABA(let webhook, nil): "waba \(webhook.url.string)"
        case .setWABA(let webhook, let overrides?): "waba \(webhook.url.string) over \(overrides)"
        case .enable(let destinations): "enable \(destinations.map(\.name.string))"
        case .disable: "disable"
        case .append(let destinations): "append \(destinations.map(\.name.string))"
        case .update(let destination): "update \(destination.name.string)"
        case .delete(let name): "delete \(name.string)"
        }
    }
}
