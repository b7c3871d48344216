import CPostgreSQL
import Support

/// The connections of one storage, made when they are needed and kept. As many calls as there may be connections have a
/// place in it; the others wait for one, first come, first served.
final class ConnectionPool: @unchecked Sendable {
    /// Milliseconds that a call waits for a place.
    private static let longestWait: Int64 = 10_000

    /// One thread that waits for a place; under the pool's lock.
    private final class Waiter {
        let turn = Condition()
        var hasTurn = false
    }

    let address: ServerAddress
    private let mutex = Mutex()
    private var free: Int
    private var waiters: [Waiter] = []
    /// The last used is used next.
    private var idle: [Connection] = []
    private var isClosed = false

    init(_ address: ServerAddress, connections: Int) {
        self.address = address
        free = max(1, connections)
    }

    /// Runs `body` in a place; it has one connection at a time.
    func inPlace<Result>(
        _ call: Call, until deadline: Deadline, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try enter(call, until: deadline)
        defer { leave() }
        return try body()
    }

    /// A connection for a call that has a place; `giveBack` ends it.
    func borrow(_ call: Call, until deadline: Deadline) throws(Setback) -> Connection {
        if let kept = mutex.locked({ idle.popLast() }) {
            kept.begin(call, until: deadline)
            return kept
        }
        let made = try Connection.open(address, call, until: deadline)
        try Schema.settle(made)
        return made
    }

    func giveBack(_ connection: Connection) {
        let isKept = mutex.locked {
            guard connection.isAtRest, !isClosed else { return false }
            idle.append(connection)
            return true
        }
        if !isKept { connection.close() }
    }

    /// Where one was lost the others may be, too.
    func closeIdle() {
        let closing = mutex.locked {
            defer { idle.removeAll() }
            return idle
        }
        for connection in closing { connection.close() }
    }

    /// Connections in use are closed when they are given back.
    func close() {
        mutex.locked { isClosed = true }
        closeIdle()
    }

    private func enter(_ call: Call, until deadline: Deadline) throws(Failure) {
        try mutex.locked { () throws(Failure) in
            if free > 0 {
                free -= 1
                return
            }
            let end = Deadline(in: min(Self.longestWait, deadline.milliseconds))
            let waiter = Waiter()
            waiters.append(waiter)
            while !waiter.hasTurn {
                waiter.turn.wait(mutex, Int(Cancellation.period.milliseconds))
                if waiter.hasTurn { break }
                guard !call.isCancelled, !end.hasPassed else {
                    waiters.removeAll { $0 === waiter }
                    throw call.isCancelled ? .cancelled : .allInUse(address.place)
                }
            }
        }
    }

    private func leave() {
        mutex.locked {
            guard !waiters.isEmpty else {
                free += 1
                return
            }
            let next = waiters.removeFirst()
            next.hasTurn = true
            next.turn.signal()
        }
    }
}
