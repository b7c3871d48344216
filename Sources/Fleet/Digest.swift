import Crypto
import Support
import WebhookModel

/// What was read of an account and what would be sent, as a text in which nothing can stand for something else; its digest
/// says whether a plan still holds.
struct Digest {
    private var bytes: [UInt8] = []

    /// HMAC-SHA256 under the account's key, 64 lowercase hexadecimal digits.
    static func of(_ account: FleetAccount, _ actual: Actual, _ difference: Difference) throws(Failure) -> String {
        var digest = Digest()
        digest.bytes.reserveCapacity(1_024)
        digest.add(actual)
        for action in difference.actions { digest.add(action) }
        return try digest.signed(account.key)
    }

    private mutating func add(_ text: String) {
        append(String(text.utf8.count))
        bytes.append(UInt8(ascii: ":"))
        append(text)
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func add(_ texts: [String]) {
        add(String(texts.count))
        for text in texts { add(text) }
    }

    private mutating func add(_ headers: Headers?) {
        add(headers.map { $0.sorted.flatMap { [$0.foldedName, $0.value.string] } } ?? ["not shown"])
    }

    private mutating func add(_ destination: Destination) {
        add([destination.name.string, destination.webhook.url.string])
        add(destination.webhook.headers)
    }

    private mutating func add(_ actual: Actual) {
        add([actual.wabaID.map { "\($0)" } ?? "", actual.customerURL?.string ?? "", actual.waba?.url.string ?? ""])
        add(actual.numbers)
        add(actual.waba?.headers)
        add(actual.multi.map { "\($0.enabled)" } ?? "not read")
        for destination in actual.multi?.destinations ?? [] { add(destination) }
    }

    private mutating func add(_ action: Action) {
        add("\(action.name)")
        switch action.kind {
        case .setCustomer(let webhook), .setWABA(let webhook, nil): add(Destination(name: "", webhook: webhook))
        case .setWABA(let webhook, _): add(Destination(name: "override_all", webhook: webhook))
        case .enable(let destinations), .append(let destinations):
            add("\(destinations.count)")
            for destination in destinations { add(destination) }
        case .disable: add("off")
        case .update(let destination): add(destination)
        case .delete(let name): add(name.string)
        }
    }

    private func signed(_ key: APIKey) throws(Failure) -> String {
        try HMACSHA256.hexadecimal(bytes, under: key.text)
    }
}
