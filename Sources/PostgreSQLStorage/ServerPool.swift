import Support

/// The connections of one storage, made when they are needed and kept. As many calls as there may be connections have a slot;
/// the others wait for one, first come, first served.
final class ServerPool: Sendable {
    private struct State {
        /// The last used is used next.
        var idle: [ServerConnection] = []
        /// Counts how often all connections were dropped. Those of an earlier generation are not kept.
        var generation = 0
        var isClosed = false
    }

    let address: ServerAddress
    private let slots: FairSemaphore
    private let state = Locked(State())

    init(_ address: ServerAddress, connections: Int) {
        self.address = address
        slots = FairSemaphore(permits: max(1, connections))
    }

    /// Runs `body` in a slot; it has one connection at a time.
    func withSlot<Result>(_ call: Call, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        guard try slots.acquire(call, until: call.deadline) else { throw .allInUse(address.place) }
        defer { slots.release() }
        return try body()
    }

    /// A connection for a call that has a slot; `giveBack` ends it.
    func borrow(_ call: Call) throws(AttemptError) -> ServerConnection {
        let (kept, generation) = state.withLock { ($0.idle.popLast(), $0.generation) }
        if let kept {
            kept.begin(call)
            return kept
        }
        let made = try ServerConnection.open(address, call)
        made.generation = generation
        try DatabaseSchema.configure(made)
        return made
    }

    func giveBack(_ connection: ServerConnection) {
        let isKept = state.withLock { state in
            guard connection.isQuiescent, !state.isClosed, connection.generation == state.generation else { return false }
            state.idle.append(connection)
            return true
        }
        if !isKept { connection.close() }
    }

    /// Keeps no connection that exists now, so that the next calls resolve the server's name again. If one was lost or leads to
    /// a standby, the others are too.
    func drop() {
        let closing = state.withLock { state in
            defer { state.idle = [] }
            state.generation += 1
            return state.idle
        }
        for connection in closing { connection.close() }
    }

    /// Connections in use are closed when they are given back.
    func close() {
        state.withLock { $0.isClosed = true }
        drop()
    }
}
