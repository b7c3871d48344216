import Support
import WebhookModel

/// A phone number's destinations and the rules for changing them, in the order in which they answer: not enabled, unknown
/// name, name taken, maximum.
package struct MultiWebhook: Sendable {
    /// A destination as it is stored and shown. Only the one that a change names is decoded.
    package struct Entry: Sendable {
        let name: ExactString
        let text: String
    }

    private(set) var enabled = false
    /// Kept, dormant, while it is off.
    private(set) var entries: [Entry] = []

    package init() {}

    init(enabled: Bool, entries: [Entry]) {
        self.enabled = enabled
        self.entries = entries
    }

    /// Returns whether anything was changed.
    package mutating func enable(_ added: [Destination], maximum: Int) throws(Failure) -> Bool {
        if enabled {
            guard added.isEmpty else {
                throw Failure(
                    .conflict, "multi-webhook is enabled already: append the destinations instead", path: "/destinations")
            }
            return false
        }
        try add(added, maximum: maximum)
        enabled = true
        return true
    }

    /// Returns whether anything was changed.
    package mutating func disable() -> Bool {
        defer { enabled = false }
        return enabled
    }

    package mutating func append(_ added: [Destination], maximum: Int) throws(Failure) {
        guard enabled else { throw .notEnabled }
        try add(added, maximum: maximum)
    }

    package mutating func update(_ change: DestinationChange) throws(Failure) {
        guard enabled else { throw .notEnabled }
        guard let index = index(of: change.name) else {
            throw .noDestination(named: change.name.string, path: "/name")
        }
        var destination = try entries[index].destination()
        if let url = change.url { destination.webhook.url = url }
        if let headers = change.headers { destination.webhook.headers = headers }
        entries[index] = try Entry(destination)
    }

    package mutating func delete(_ name: ExactString) throws(Failure) {
        guard enabled else { throw .notEnabled }
        guard let index = index(of: name) else { throw .noDestination(named: name.string) }
        entries.remove(at: index)
    }

    private func index(of name: ExactString) -> Int? { entries.firstIndex { $0.name == name } }

    /// All of them or none.
    private mutating func add(_ added: [Destination], maximum: Int) throws(Failure) {
        let taken = Set(entries.map { $0.name })
        for (position, destination) in added.enumerated() where taken.contains(destination.name) {
            throw Failure(
                .conflict, "destination name \(quoted(destination.name.string)) is taken", path: "/destinations/\(position)/name")
        }
        // The maximum may be lower than it was: what is there already stays.
        guard added.isEmpty || added.count <= maximum - entries.count else {
            throw Failure(
                .limitExceeded, "at most \(maximum) destinations per phone number; it has \(entries.count)",
                path: "/destinations")
        }
        for destination in added { entries.append(try Entry(destination)) }
    }
}
