import WebhookModel

/// A phone number's destinations and the rules for changing them, in the order in which they answer: not enabled, unknown
/// name, name taken, maximum.
public struct MultiWebhook: Sendable {
    public private(set) var enabled: Bool
    /// Kept, dormant, while it is off.
    public private(set) var destinations: [Destination]

    public init(enabled: Bool = false, destinations: [Destination] = []) {
        self.enabled = enabled
        self.destinations = destinations
    }

    /// Whether anything was changed.
    public mutating func enable(_ added: [Destination], maximum: Int) throws(Failure) -> Bool {
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

    /// Whether anything was changed.
    public mutating func disable() -> Bool {
        defer { enabled = false }
        return enabled
    }

    public mutating func append(_ added: [Destination], maximum: Int) throws(Failure) {
        guard enabled else { throw .notEnabled }
        try add(added, maximum: maximum)
    }

    public mutating func update(_ change: DestinationChange) throws(Failure) {
        guard enabled else { throw .notEnabled }
        guard let index = index(of: change.name) else {
            throw .noDestination(named: change.name.string, path: "/name")
        }
        if let url = change.url { destinations[index].webhook.url = url }
        if let headers = change.headers { destinations[index].webhook.headers = headers }
    }

    public mutating func delete(_ name: ExactText) throws(Failure) {
        guard enabled else { throw .notEnabled }
        guard let index = index(of: name) else { throw .noDestination(named: name.string) }
        destinations.remove(at: index)
    }

    private func index(of name: ExactText) -> Int? { destinations.firstIndex { $0.name == name } }

    /// All of them or none.
    private mutating func add(_ added: [Destination], maximum: Int) throws(Failure) {
        let taken = Set(destinations.map(\.name))
        for (position, destination) in added.enumerated() where taken.contains(destination.name) {
            throw Failure(
                .conflict, "destination name '\(destination.name.string)' is taken", path: "/destinations/\(position)/name")
        }
        guard added.count <= maximum - destinations.count else {
            throw Failure(
                .limitExceeded, "at most \(maximum) destinations per phone number; it has \(destinations.count)",
                path: "/destinations")
        }
        destinations += added
    }
}
