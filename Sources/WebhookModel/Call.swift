import Synchronization

/// What one call takes down with it: its client's settings, whether it was cancelled, where it logs.
public struct Call: Sendable {
    public private(set) var settings: Settings
    public let log: Log
    /// Who says when a request may be sent; nil: whoever performs it decides for itself.
    public private(set) var pace: (any Pace)?
    private let cancellation: Cancellation
    private let generation: UInt64
    /// What ends this call alone, without the other calls of its client.
    private var own: Cancellation?

    public init(settings: Settings, cancellation: Cancellation, log: Log) {
        self.settings = settings
        self.log = log
        self.cancellation = cancellation
        generation = cancellation.generation
    }

    public var isCancelled: Bool { cancellation.generation != generation || own.map { $0.generation != 0 } == true }

    /// The same call for a part of its work that has at most so many milliseconds.
    public func limited(to timeout: Int) -> Call {
        var call = self
        call.settings.timeout = min(settings.timeout, timeout)
        return call
    }

    /// The same call, ended by `own` too, which is new.
    public func cancelled(by own: Cancellation) -> Call {
        var call = self
        call.own = own
        return call
    }

    /// The same call at somebody's pace.
    public func paced(by pace: any Pace) -> Call {
        var call = self
        call.pace = pace
        return call
    }
}

/// When the requests of one operation may be sent, where many operations share one limit. A 429 is then no answer: the same
/// request is sent again once it is admitted, and neither an attempt nor the operation's time is used up by that.
public protocol Pace: AnyObject, Sendable {
    /// Waits for the next request's turn. Throws where the call is cancelled or the service admits nothing any more.
    func admit(_ call: Call) throws(Failure)

    /// A request came back with 429, and with Retry-After if it has one: seconds.
    func refused(retryAfter: Int64?)

    /// A request came back with any other answer.
    func admitted()

    /// Milliseconds that this operation has waited for its turns.
    var waited: Int64 { get }
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
