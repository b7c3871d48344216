import Support

/// The threads of this process that want to write to one database, first come, first served. SQLite's own waiting is by
/// sleeping at random: among many threads one could starve.
final class WriterQueue: @unchecked Sendable {
    /// One thread in the queue; under the queue's lock.
    private final class Waiter {
        let turn = Condition()
        var hasTurn = false
    }

    private let mutex = Mutex()
    private var isTaken = false
    private var waiters: [Waiter] = []

    /// Waits for its turn; `leave` ends it.
    func enter(_ call: Call, until deadline: Deadline, _ place: String) throws(Failure) {
        try mutex.locked { () throws(Failure) in
            guard isTaken else {
                isTaken = true
                return
            }
            let waiter = Waiter()
            waiters.append(waiter)
            while !waiter.hasTurn {
                waiter.turn.wait(mutex, Int(Cancellation.period.milliseconds))
                if waiter.hasTurn { break }
                guard !call.isCancelled, !deadline.hasPassed else {
                    waiters.removeAll { $0 === waiter }
                    throw call.isCancelled ? .cancelled : .locked(place)
                }
            }
        }
    }

    func leave() {
        mutex.locked {
            guard !waiters.isEmpty else {
                isTaken = false
                return
            }
            let next = waiters.removeFirst()
            next.hasTurn = true
            next.turn.signal()
        }
    }
}
