import Crypto
import Support
import WebhookModel

/// The readings of one number, as far as they were made.
package struct AccountReadings {
    package var waba: WABAWebhookReading?
    /// The one copy of its WABA's numbers.
    package var numbers: WABANumbers?
    package var customer: CustomerWebhookReading?
    package var multi: MultiWebhookReading?

    package init() {}
}

/// One number's configuration as it was read.
///
/// Members that the service left out have their documented meaning: a webhook without headers has none, and `enabled` is on if
/// there are destinations. Only the headers of a customer webhook may be unknown.
package final class AccountSnapshot: Sendable {
    package let wabaID: Int64?
    /// The numbers of its WABA; nil if the service does not show them.
    package let numbers: WABANumbers?
    package let waba: Webhook?
    package let customerURL: ExactString?
    /// Nil if the service does not show them.
    package let customerHeaders: Headers?
    /// Nil if it was not read.
    package let multi: MultiSnapshot?

    /// Where `account` agrees, storage is shared with the document, so a fleet in agreement is held in memory once; destinations
    /// that are those of another number are shared with that.
    package init(
        _ readings: AccountReadings, sharedWith account: FleetAccount? = nil, like other: MultiSnapshot? = nil
    ) {
        wabaID = readings.waba?.wabaID
        numbers = readings.numbers
        var waba = Self.url(readings.waba?.url).map { Webhook(url: $0, headers: readings.waba?.headers ?? Headers()) }
        if let given = account?.waba?.webhook, waba?.url == given.url, waba?.headers.fields == given.headers.fields {
            waba = given
        }
        self.waba = waba
        var url = Self.url(readings.customer?.url)
        var headers = url == nil ? nil : readings.customer?.headers
        if case .webhook(let givenURL, let givenHeaders) = account?.customer, url == givenURL {
            url = givenURL
            if let givenHeaders, headers?.fields == givenHeaders.fields { headers = givenHeaders }
        }
        customerURL = url
        customerHeaders = headers
        let multi = readings.multi.map { MultiSnapshot($0, sharedWith: account?.multi?.destinations ?? []) }
        self.multi = multi.map { $0.isSame(as: other) ? other ?? $0 : $0 }
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

    package init(_ shown: MultiWebhookReading, sharedWith given: [Destination] = []) {
        var destinations = shown.destinations ?? []
        for index in destinations.indices where destinations[index].headers == nil { destinations[index].headers = Headers() }
        for (index, wanted) in given.enumerated() where index < destinations.count {
            let one = destinations[index]
            guard one.name == wanted.name, one.url == wanted.webhook.url, one.headers?.fields == wanted.webhook.headers.fields
            else { break }
            destinations[index].name = wanted.name
            destinations[index].url = wanted.webhook.url
            destinations[index].headers = wanted.webhook.headers
        }
        var places: [ExactString: Int] = [:]
        for (index, destination) in destinations.enumerated() where destinations.count > Self.few {
            if let name = destination.name, places[name] == nil { places[name] = index }
        }
        var reading = shown
        reading.enabled = shown.isOn
        reading.destinations = destinations
        self.reading = reading
        self.places = places
    }

    package func destination(named name: ExactString) -> DestinationReading? {
        destinations.count > Self.few ? places[name].map { destinations[$0] } : reading.destination(named: name)
    }

    /// Shows the same in the same order.
    fileprivate func isSame(as other: MultiSnapshot?) -> Bool {
        guard let other, isOn == other.isOn, destinations.count == other.destinations.count else { return false }
        return zip(destinations, other.destinations).allSatisfy {
            $0.name == $1.name && $0.url == $1.url && $0.headers?.fields == $1.headers?.fields
        }
    }

    fileprivate func reading(ofOnly name: ExactString) -> MultiWebhookReading {
        var one = reading
        one.destinations = destination(named: name).map { [$0] } ?? []
        return one
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
    static let few = 8

    private init(_ numbers: [String], _ digits: Set<String>, _ digest: [UInt8]) {
        self.numbers = numbers
        self.digits = digits
        self.digest = digest
    }

    package static func of(_ numbers: [String]) throws(Failure) -> WABANumbers {
        guard numbers.count > few else { return WABANumbers(numbers, [], []) }
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        let isDone = digest.withUnsafeMutableBytes { SHA256.digest(of: numbers.sorted().joined(separator: "\n"), into: $0) }
        guard isDone else { throw .outOfMemory }
        return WABANumbers(numbers, Set(numbers.map { phoneDigits($0) }), digest)
    }

    func contains(_ number: String) -> Bool {
        let wanted = phoneDigits(number)
        return numbers.count > Self.few ? digits.contains(wanted) : numbers.contains { phoneDigits($0) == wanted }
    }

    /// The part of a plan's digest that depends on the numbers, but not on their order.
    var digestInput: [UInt8] { numbers.count > Self.few ? digest : Array(numbers.sorted().joined(separator: "\n").utf8) }
}
