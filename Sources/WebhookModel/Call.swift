import Synchronization

/// What one call takes down with it: its client's settings, whether it was cancelled, where it logs.
public struct Call: Sendable {
    public private(set) var settings: Settings
    public let log: Log
    private let cancellation: Cancellation
    private let generation: UInt64

    public init(settings: Settings, cancellation: Cancellation, log: Log) {
        self.settings = settings
        self.cancellation = cancellation
        self.log = log
        generation = cancellation.generation
    }

    public var isCancelled: Bool { cancellation.generation != generation }

    /// The same call for a part of its work that has at most so many milliseconds.
    public func limited(to timeout: Int) -> Call {
        var call = self
        call.settings.timeout = min(settings.timeout, timeout)
        return call
    }
}

/// Ends the calls that have begun, and only those. Nobody is woken: whatever waits looks at least every `period`.
public final class Cancellation: Sendable {
    /// Milliseconds; a cancelled call ends within 100, work after the wait included.
    public static let period = 20

    private let count = Atomic<UInt64>(0)

    public init() {}

    public var generation: UInt64 { count.load(ordering: .acquiring) }

    public func cancel() { count.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}
