import Glibc
import Support

/// Waits for the server until the call's deadline passes or the call is cancelled.
struct SocketPoller {
    private let call: Call
    private let place: String

    init(_ call: Call, _ place: String) {
        self.call = call
        self.place = place
    }

    /// Waits a while. Returns whether one of the events of poll(2) has come.
    @discardableResult
    func poll(_ socket: Int32, _ events: Int32) throws(AttemptError) -> Bool {
        let remaining = call.deadline.remaining
        if call.isCancelled { throw .cancelled(.cancelled) }
        if remaining == .zero { throw .cancelled(.late(place)) }
        var waiting = pollfd(fd: socket, events: Int16(truncatingIfNeeded: events), revents: 0)
        // Rounded up: a wait of 0 ms would spin until the deadline.
        return Glibc.poll(&waiting, 1, Int32(min(remaining, Cancellation.period).milliseconds + 1)) > 0
    }
}
