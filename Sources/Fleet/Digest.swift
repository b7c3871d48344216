import CCrypto
import WebhookModel

/// What was read of an account and what would be sent, as a text in which nothing can stand for something else; its digest
/// says whether a plan still holds.
struct Digest {
    private var bytes: [UInt8] = []

    /// HMAC-SHA256 under the account's key, 64 lowercase hexadecimal digits.
    static func of(_ account: FleetAccount, _ actual: Actual, _ difference: Difference) throws(Failure) -> String {
        var digest = Digest()
        digest.add(actual)
        for action in difference.actions { digest.add(action) }
        return try digest.signed(account.key)
    }

    private mutating func add(_ text: String) {
        bytes.append(contentsOf: String(text.utf8.count).utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func add(_ texts: [String]) {
        add("\(texts.count)")
        for text in texts { add(text) }
    }

    private mutating func add(_ headers: Headers?) {
        add(headers.map { $0.folded.flatMap { [$0.folded, $0.value.string] } } ?? ["not shown"])
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
        guard let digest = hmacSHA256(bytes, under: key.text) else { throw .outOfMemory }
        return digest
    }
}

/// Lowercase hexadecimal digits; nil: no memory.
func hmacSHA256(_ bytes: [UInt8], under secret: String) -> String? {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    var size: UInt32 = 0
    var secret = secret
    let done = secret.withUTF8 {
        HMAC(EVP_sha256(), $0.baseAddress, Int32(clamping: $0.count), bytes, bytes.count, &digest, &size)
    }
    guard done != nil, Int(size) == digest.count else { return nil }
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
