import Crypto
import Support
import WebhookModel

/// One number's configuration as it was read.
///
/// Members that the service left out have their documented meaning: a webhook without headers has none, and `enabled` is on if
/// there are destinations. Only the headers of a customer webhook may be unknown.
package struct AccountSnapshot: Sendable {
    package private(set) var wabaID: Int64?
    /// The numbers of its WABA; nil if the service does not show them.
    package private(set) var numbers: WABANumbers?
    package private(set) var waba: Webhook?
    package private(set) var customerURL: ExactString?
    /// Nil if the service does not show them.
    package private(set) var customerHeaders: Headers?
    /// Nil if it was not read.
    package private(set) var multi: MultiSnapshot?

    package init() {}

    /// `known` gives the one copy of a WABA's numbers.
    package mutating func add(
        _ reading: WABAWebhookReading, _ known: (Int64?, [String]) throws(Failure) -> WABANumbers
    ) throws(Failure) {
        wabaID = reading.wabaID
        if let shown = reading.numbers { numbers = try known(reading.wabaID, shown) }
        waba = Self.url(reading.url).map { Webhook(url: $0, headers: reading.headers ?? Headers()) }
    }

    package mutating func add(_ reading: CustomerWebhookReading) {
        customerURL = Self.url(reading.url)
        customerHeaders = customerURL == nil ? nil : reading.headers
    }

    package mutating func add(_ reading: MultiWebhookReading) { multi = MultiSnapshot(reading) }

    /// Shares storage with the document where both are equal, so a fleet in agreement is held in memory once.
    package mutating func share(with account: FleetAccount) {
        if let given = account.waba?.webhook, waba?.url == given.url, waba?.headers.fields == given.headers.fields {
            waba = given
        }
        if case .webhook(let url, let headers) = account.customer, customerURL == url {
            customerURL = url
            if let headers, customerHeaders?.fields == headers.fields { customerHeaders = headers }
        }
        if let given = account.multi?.destinations { multi?.share(with: given) }
    }

    /// An empty URL is none.
    private static func url(_ url: ExactString?) -> ExactString? { url?.string.isEmpty == false ? url : nil }

    /// Neither the number nor its WABA has a webhook.
    package var losesEvents: Bool { customerURL == nil && waba == nil }

    /// The snapshot as the reading of one setting, for `Operation.evidence(in:)`.
    package func reading(of setting: OperationKind.Setting) -> Reading {
        switch setting {
        case .wabaWebhook:
            var reading = WABAWebhookReading()
            reading.url = waba?.url
            reading.headers = waba?.headers
            return .wabaWebhook(reading)
        case .customerWebhook:
            var reading = CustomerWebhookReading()
            reading.url = customerURL
            reading.headers = customerHeaders
            return .customerWebhook(reading)
        case .multiWebhook: return .multiWebhook(multi?.reading ?? MultiWebhookReading())
        }
    }

    /// The evidence of a write in this snapshot.
    package func evidence(of operation: Operation) throws(Failure) -> Evidence {
        if case .multiWebhookUpdate(let change) = operation, let multi {
            // The one destination that the update names: many updates of many destinations stay linear.
            return try operation.evidence(in: .multiWebhook(multi.reading(ofOnly: change.name)))
        }
        return try operation.evidence(in: reading(of: operation.kind.setting))
    }
}

/// The destinations of one number.
package struct MultiSnapshot: Sendable {
    package let reading: MultiWebhookReading
    /// Where each name is, if there are many destinations. If a service shows a name twice, the first counts.
    private let places: [ExactString: Int]
    private static let few = 8

    package var isOn: Bool { reading.isOn }
    package var destinations: [DestinationReading] { reading.destinations ?? [] }

    package static let off = MultiSnapshot(MultiWebhookReading())

    package init(_ shown: MultiWebhookReading) {
        var reading = shown
        reading.enabled = shown.isOn
        var destinations = shown.destinations ?? []
        for index in destinations.indices where destinations[index].headers == nil { destinations[index].headers = Headers() }
        reading.destinations = destinations
        var places: [ExactString: Int] = [:]
        for (index, destination) in destinations.enumerated() where destinations.count > Self.few {
            if let name = destination.name, places[name] == nil { places[name] = index }
        }
        self.reading = reading
        self.places = places
    }

    private init(_ reading: MultiWebhookReading, _ places: [ExactString: Int]) {
        self.reading = reading
        self.places = places
    }

    package func destination(named name: ExactString) -> DestinationReading? {
        destinations.count > Self.few ? places[name].map { destinations[$0] } : reading.destination(named: name)
    }

    fileprivate func reading(ofOnly name: ExactString) -> MultiWebhookReading {
        var one = reading
        one.destinations = destination(named: name).map { [$0] } ?? []
        return one
    }

    fileprivate mutating func share(with given: [Destination]) {
        guard destinations.count == given.count else { return }
        var shared = destinations
        for (index, wanted) in given.enumerated() {
            guard shared[index].name == wanted.name, shared[index].url == wanted.webhook.url,
                shared[index].headers?.fields == wanted.webhook.headers.fields
            else { return }
            shared[index].name = wanted.name
            shared[index].url = wanted.webhook.url
            shared[index].headers = wanted.webhook.headers
        }
        var reading = reading
        reading.destinations = shared
        self = MultiSnapshot(reading, places)
    }
}

/// The numbers of a WABA, held once for all of its accounts.
package final class WABANumbers: Sendable {
    /// As the service writes and orders them.
    package let numbers: [String]
    /// The same as digits, if there are many.
    private let digits: Set<String>
    /// The SHA-256 of many numbers in sorted order: services may list them in another order each time.
    private let digest: [UInt8]
    private static let few = 8

    package init(_ numbers: [String]) throws(Failure) {
        self.numbers = numbers
        guard numbers.count > Self.few else {
            digits = []
            digest = []
            return
        }
        digits = Set(numbers.map { phoneDigits($0) })
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        let isDone = digest.withUnsafeMutableBytes { SHA256.digest(of: numbers.sorted().joined(separator: "\n"), into: $0) }
        self.digest = isDone ? digest : []
        guard isDone else { throw .outOfMemory }
    }

    func contains(_ number: String) -> Bool {
        let wanted = phoneDigits(number)
        return numbers.count > Self.few ? digits.contains(wanted) : numbers.contains { phoneDigits($0) == wanted }
    }

    /// What stands for the numbers in a plan's digest, whatever their order.
    var digestInput: [UInt8] { numbers.count > Self.few ? digest : Array(numbers.sorted().joined(separator: "\n").utf8) }
}
