import Crypto
import Support
import WebhookModel

/// The readings of an account and all that would be sent, as bytes in which nothing can be mistaken for something else. A plan
/// still holds if their digest is the same.
struct PlanDigest {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1_024) }

    /// HMAC-SHA256 in hexadecimal.
    func signed(under secret: String) throws(Failure) -> String { try HMACSHA256.hexadecimal(bytes, under: secret) }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add($0) }
    }

    /// A length and a colon before the bytes keep them apart from what follows.
    private mutating func add(_ content: some Collection<UInt8>) {
        let start = bytes.count
        var count = content.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(count % 10))
            count /= 10
        } while count > 0
        bytes[start...].reverse()
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: content)
    }

    private mutating func add(_ headers: Headers?) {
        guard let headers else { return add("not shown") }
        add("\(headers.fields.count)")
        for field in headers.sorted {
            add(field.foldedName)
            add(field.value.string)
        }
    }

    private mutating func add(_ webhook: Webhook?) {
        add(webhook?.url.string ?? "")
        add(webhook?.headers)
    }

    private mutating func add(_ destinations: [Destination]) {
        add("\(destinations.count)")
        for destination in destinations {
            add(destination.name.string)
            add(destination.webhook)
        }
    }

    mutating func add(_ snapshot: AccountSnapshot, managesDestinations: Bool) {
        add(snapshot.wabaID.map { "\($0)" } ?? "")
        add(snapshot.numbers?.digestInput ?? [])
        add(snapshot.waba)
        add(snapshot.customerURL?.string ?? "")
        add(snapshot.customerHeaders)
        guard managesDestinations, let multi = snapshot.multi else { return add("not read") }
        add("\(multi.isOn) \(multi.destinations.count)")
        for destination in multi.destinations {
            add(destination.name?.string ?? "")
            add(destination.url?.string ?? "")
            add(destination.headers)
        }
    }

    mutating func add(_ action: Action) {
        add(action.operation.kind.name)
        switch action.operation {
        case .multiWebhookGet, .customerWebhookGet, .wabaWebhookGet: break
        case .multiWebhookSet(let enabled, let destinations):
            add("\(enabled)")
            add(destinations)
        case .multiWebhookAppend(let destinations): add(destinations)
        case .multiWebhookUpdate(let change):
            add(change.name.string)
            add(change.url?.string ?? "")
            add(change.headers)
        case .multiWebhookDelete(let name): add(name.string)
        case .customerWebhookSet(let webhook): add(webhook)
        case .wabaWebhookSet(let webhook, let overrideAll):
            add(webhook)
            add("\(overrideAll)")
        }
    }

    mutating func add(_ allowUnlisted: Bool, _ force: Set<FleetOptions.Section>) {
        add("\(allowUnlisted)")
        add(force.map { $0.rawValue }.sorted().joined(separator: " "))
    }

    /// Adds all that the accounts of the WABA send together.
    mutating func add(_ change: WABAChangePlan, names accounts: [FleetAccount]) {
        add(change.action)
        add((change.action.overrides ?? []).sorted().joined(separator: "\n"))
        add(accounts[change.leader].name)
        add(change.overridden.map { accounts[$0].name }.joined(separator: "\n"))
    }
}
