import Glibc
import Support

/// A call that waits for the server: until its time is over, and not once it is cancelled.
struct SocketWait {
    private let call: Call
    private let deadline: Deadline
    private let place: String

    init(_ call: Call, _ deadline: Deadline, _ place: String) {
        self.call = call
        self.deadline = deadline
        self.place = place
    }

    /// Waits a while; whether one of the events of poll(2) has come.
    @discardableResult
    func slice(_ socket: Int32, _ events: Int32) throws(Setback) -> Bool {
        let remaining = deadline.milliseconds
        if call.isCancelled { throw .stopped(.cancelled) }
        if remaining == 0 { throw .stopped(.late(place)) }
        var waiting = pollfd(fd: socket, events: Int16(truncatingIfNeeded: events), revents: 0)
        return poll(&waiting, 1, Int32(min(remaining, Int64(Cancellation.period.milliseconds)))) > 0
    }
}
